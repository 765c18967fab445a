import "@fontsource-variable/inter/wght.css";
import "virtual:tokens.css";
import "./look/base.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { language } from "./i18n/index.svelte";
import { startRouter } from "./state/router.svelte";
import { theme } from "./state/theme.svelte";

theme.apply();
language.apply();
startRouter();
mount(App, { target: document.getElementById("app") as HTMLElement });
