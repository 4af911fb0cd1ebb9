// @ts-check
/** Every setting as a field: where it stands in which file, and what it means. */

/** @typedef {import("./form.js").Field} Field */
/** @typedef {{ file: "shopwatch.yaml" | "retailers.yaml", path: string, title: string, about?: string, fields: Field[] }} Part */

/** @type {Record<string, { name: string, parts: Part[] }>} */
export const TABS = {
  watching: {
    name: "Watching",
    parts: [{
      file: "shopwatch.yaml", path: "monitor", title: "Monitor",
      fields: [
        { name: "pacing", kind: "choice", label: "Pacing", choices: ["", "adaptive", "fixed"], otherwise: "adaptive", hint: "Adaptive learns when products come back; fixed keeps each product’s own interval" },
        { name: "background_sessions", kind: "number", step: 1, label: "Browser sessions kept warm", hint: "Empty: 4; 0: no browser" },
        { name: "max_concurrent_checks", kind: "number", step: 1, label: "Checks under way at once", hint: "Empty: 50" },
        { name: "performance_target_time", kind: "number", label: "A sweep may take", unit: "s", hint: "Empty: 3; an alert above it" },
        { name: "details_interval", kind: "number", label: "Price and title are read again after", unit: "s", hint: "Empty: 3600" },
        { name: "time_zone", kind: "text", label: "Time zone", hint: "Empty: America/New_York" },
        { name: "confirm", kind: "check", label: "Confirm every restock in a browser", unset: true },
        { name: "audit_negatives", kind: "check", label: "Use spare browser time to doubt “out of stock”", unset: true },
      ],
    }],
  },
  safety: {
    name: "Safety",
    parts: [{
      file: "shopwatch.yaml", path: "safety", title: "Buying",
      about: "Nothing is bought unless a product may be bought, test mode is off and the monitor was started live. A limit left empty is no limit, except where a default stands.",
      fields: [
        { name: "test_mode", kind: "check", label: "Test mode: walk the way to the last click, buy nothing", unset: true },
        { name: "max_daily_purchases", kind: "number", step: 1, label: "Purchases a day", hint: "Empty: 10" },
        { name: "purchase_cooldown", kind: "number", label: "Time between two purchases", unit: "s", hint: "Empty: 300" },
        { name: "max_order_total", kind: "number", label: "One order, with tax and shipping", unit: "$", hint: "Empty: no cap" },
        { name: "max_daily_spend", kind: "number", label: "Money a day", unit: "$", hint: "Empty: no cap" },
        { name: "max_group_purchases", kind: "number", step: 1, label: "Orders a day of one group", hint: "Empty: 1" },
        { name: "max_confirmation_age", kind: "number", label: "A confirmation may be so old", unit: "s", hint: "Empty: 30" },
        { name: "ship_to_zip", kind: "words", label: "ZIP an order must go to" },
        { name: "card_last_four", kind: "words", label: "Last four digits of the card" },
      ],
    }],
  },
  alerts: {
    name: "Alerts",
    parts: [{
      file: "shopwatch.yaml", path: "notify", title: "Alerts",
      about: "Channels are Apprise addresses (ntfy://…, discord://…, mailto://…). They are secrets: what is saved is shown masked. ${NAME} reads the environment.",
      fields: [
        { name: "channels", kind: "lines", label: "Channels, one a line", rows: 4 },
        { name: "restocks", kind: "choice", label: "A restock is told", choices: ["", "at_once", "confirmed"], otherwise: "at_once", hint: "At once, marked unconfirmed, and completed when a browser has looked; or only once a browser sees it too" },
        { name: "expire_after", kind: "number", label: "A restock that could not be told is stale after", unit: "s", hint: "Empty: 3600" },
        { name: "digest_interval", kind: "number", label: "Gather alerts for", unit: "s", hint: "Empty: each at once" },
        { name: "storm_threshold", kind: "number", step: 1, label: "Alerts a minute that become one message", hint: "Empty: 10" },
        { name: "sold_out", kind: "check", label: "Tell the end of a restock too", unset: false },
        { name: "templates", kind: "pairs", rows: 4, label: "Own texts, one kind of alert a line", hint: "restock: {name} is back for {price} at {retailer} {url}. Kinds: restock, confirmed, not_confirmed, sold_out, price_drop, below_price, purchase, health, late, crawl. \\n begins a new line" },
      ],
    }, {
      file: "shopwatch.yaml", path: "notify.quiet_hours", title: "Quiet hours", about: "Both or none; alerts wait until the end. In the time zone of Watching.",
      fields: [{ name: "start", kind: "words", label: "From", hint: "For example 22:00" }, { name: "end", kind: "words", label: "To", hint: "For example 07:00" }],
    }],
  },
  dashboard: {
    name: "Dashboard",
    parts: [{
      file: "shopwatch.yaml", path: "dashboard", title: "Dashboard", about: "Address and port hold after the next start.",
      fields: [
        { name: "host", kind: "words", label: "Address", hint: "Empty: 127.0.0.1; any other needs a token" },
        { name: "port", kind: "number", step: 1, label: "Port", hint: "Empty: 5001" },
        { name: "refresh_interval", kind: "number", label: "Look again, where there are no live updates", unit: "s", hint: "Empty: 5" },
        { name: "theme", kind: "choice", label: "Theme", choices: ["", "auto", "light", "dark"], otherwise: "auto" },
      ],
    }, {
      file: "shopwatch.yaml", path: "retention", title: "What is kept, and how long",
      fields: [
        { name: "events", kind: "number", step: 1, label: "Events", unit: "days", hint: "Empty: 7" },
        { name: "minutes", kind: "number", step: 1, label: "Checks by the minute", unit: "days", hint: "Empty: 14" },
        { name: "history", kind: "number", step: 1, label: "Prices and stock", unit: "days", hint: "Empty: 730" },
        { name: "runs", kind: "number", step: 1, label: "Runs of crawls", unit: "days", hint: "Empty: 365" },
      ],
    }],
  },
  crawling: {
    name: "Crawling",
    parts: [{
      file: "retailers.yaml", path: "defaults", title: "Every retailer, unless its own section says otherwise",
      fields: [
        { name: "min_delay", kind: "number", label: "Shortest wait between two requests", unit: "s", hint: "Empty: 2" },
        { name: "max_delay", kind: "number", label: "Longest wait", unit: "s", hint: "Empty: 5" },
        { name: "timeout", kind: "number", label: "Time-out", unit: "s", hint: "Empty: 30" },
        { name: "max_retries", kind: "number", step: 1, label: "Retries of a page", hint: "Empty: 3" },
        { name: "workers", kind: "number", step: 1, label: "Requests in flight", hint: "Empty: 1" },
        { name: "max_body_mb", kind: "number", label: "Largest page", unit: "MB", hint: "Empty: 50" },
        { name: "user_agents", kind: "lines", label: "User agents, one a line", rows: 3, hint: "Empty: Shopwatch says who it is" },
        { name: "obey_robots", kind: "check", label: "Obey robots.txt", unset: true },
      ],
    }, {
      file: "retailers.yaml", path: "proxy", title: "Proxy", about: "Credentials come only from SHOPWATCH_PROXY_USERNAME and SHOPWATCH_PROXY_PASSWORD.",
      fields: [
        { name: "mode", kind: "choice", label: "Mode", choices: ["", "direct", "residential", "web_scraper_api"], otherwise: "direct" },
        { name: "residential_url", kind: "text", label: "Residential proxy" },
        { name: "web_scraper_api_url", kind: "text", label: "Web scraper API" },
        { name: "country", kind: "words", label: "Country", hint: "Empty: us" },
      ],
    }],
  },
};
