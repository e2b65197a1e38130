/* The fragment of the page's address holds what is looked at, so that it can be sent to somebody: #host=time1&state=bad. */

export function seen() {
	return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/* Change parts of the address; null takes one away. With @quiet, the browser's way back does not lead here. */
export function visit(changes, { quiet = false } = {}) {
	const { host, ...rest } = { ...seen(), ...changes };
	const kept = Object.entries({ host, ...rest }).filter(([, value]) => value);
	const hash = new URLSearchParams(kept).toString();
	if (hash === location.hash.slice(1)) {
		return;
	}
	history[quiet ? "replaceState" : "pushState"](null, "", hash ? `#${hash}` : location.pathname + location.search);
	dispatchEvent(new HashChangeEvent("hashchange"));
}

/* A link to a host leaves the rest of the address as it is; one to a place of the page does not touch it. */
export function followLinks() {
	document.addEventListener("click", (event) => {
		const hash = event.target.closest?.("a[href^='#']")?.getAttribute("href").slice(1);
		if (!hash || event.ctrlKey || event.metaKey || event.shiftKey) {
			return;
		}
		event.preventDefault();
		if (hash.includes("=")) {
			visit(Object.fromEntries(new URLSearchParams(hash)));
		} else {
			document.getElementById(hash)?.scrollIntoView({ block: "start", behavior: "smooth" });
		}
	});
}
