/// <reference types="vite/client" />
import { useData, withBase } from "vitepress";
import theme from "vitepress/theme-without-fonts";
import { defineComponent, h } from "vue";
import "./style.css";

/** The product's page, live, above the page that tells of it. */
const LivePage = defineComponent(() => {
  const { page } = useData();
  const address = withBase("/app/index.html");
  return () =>
    page.value.relativePath !== "guide/web.md"
      ? null
      : h("div", { class: "live-page" }, [
          h("iframe", { src: address, title: "TensorFace's page, live", loading: "lazy" }),
          h("a", { href: address, target: "_blank" }, "Open it alone"),
        ]);
});

/** VitePress's own theme with the fonts that the reader's machine has, and the product's colours. */
// oxlint-disable-next-line import/no-default-export -- VitePress takes the default export.
export default { extends: theme, Layout: () => h(theme.Layout, null, { "doc-before": () => h(LivePage) }) };
