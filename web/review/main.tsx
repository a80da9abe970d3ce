import { render } from "preact";
import { askServer } from "./api.ts";
import { App } from "./app.tsx";
import { createReview } from "./review.ts";
import "../src/shared/theme.css";
import "./styles.css";

const review = createReview(askServer);
render(<App review={review} />, document.querySelector("#app")!);
void review.open();
