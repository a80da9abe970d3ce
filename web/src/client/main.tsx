import { render } from "preact";
import { App } from "./app.tsx";
import "../shared/theme.css";
import "./styles.css";

render(<App />, document.querySelector("#app")!);
