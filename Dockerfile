# The web page and the HTTP API. Builds without a network from a clone after `npm ci` on Linux:
#
#   npm ci && docker build -t tensorface .
#   docker run --read-only --cap-drop ALL -e TENSORFACE_TOKEN=... -p 8080:8080 tensorface
#
# docs/reference/http.md says more. test/package/container.check.ts carries out the steps below without Docker.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund
# The page's own copy of the networks, those that are only measured against, the engine for browsers (it is in the page), and engines for
# other systems.
RUN rm -rf dist/web/models models/rivals node_modules/onnxruntime-web node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE /app/NOTICE ./
# The texts that NOTICE refers to.
COPY --from=build /app/LICENSES ./LICENSES
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/models ./models
COPY --from=build /app/dist ./dist
# The image's own user, by number, so that supervisors can see that it is not root.
USER 1000:1000
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["serve", "--host", "0.0.0.0"]
