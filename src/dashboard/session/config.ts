import type { SiteConfig } from "../../site/page.ts";

/** What the Worker wrote into the document. */
export const siteConfig = JSON.parse(
  document.getElementById("config")?.textContent || "{}",
) as SiteConfig;
