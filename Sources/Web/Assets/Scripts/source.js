// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// Where a page's events come from: a connection of its own, or one that all pages of the browser share.

const kinds = ["snapshot", "change", "reset", "beat"];

/** An event stream of the page's own. It does not reconnect by itself. */
export class OwnSource {
    /**
     * @param {(after: string | null) => string} address of the stream after a revision; null asks for all
     * @param {{event(kind: string, text: string): void, failed(): void}} listener
     */
    constructor(address, listener) {
        this.address = address;
        this.listener = listener;
        this.stream = null;
    }

    /** Opens the stream anew. */
    open(after) {
        this.close();
        const stream = new EventSource(this.address(after));
        for (const kind of kinds) {
            stream.addEventListener(kind, (event) => { if (stream === this.stream) this.listener.event(kind, event.data); });
        }
        stream.onerror = () => {
            if (stream !== this.stream) return;
            this.close();
            this.listener.failed();
        };
        this.stream = stream;
    }

    close() {
        this.stream?.close();
        this.stream = null;
    }
}

/** How long a page waits for the leading page's answer before it takes the lead itself. */
const leaderTimeout = 2500;
/** Requests of pages that come together are served by one connection. */
const gathering = 100;

/**
 * One event stream for all pages of the browser that show the same scope. A browser opens at most six HTTP/1.1
 * connections to a server: with one stream per page, the seventh page would never load.
 *
 * The page that holds the scope's Web Lock leads: it has the connection, and passes each event on by a
 * BroadcastChannel. A page that joins names its revision. If the leader is ahead of it, the leader connects again after
 * that revision, so the joining page misses nothing; pages that are ahead skip what they have. When the leader leaves,
 * the browser gives the lock to the next page. A leader that does not answer (its page hangs) loses the lock.
 */
export class SharedSource {
    static isPossible() { return Boolean(navigator.locks?.request) && typeof BroadcastChannel === "function"; }

    /**
     * @param {string} scope what the pages must have in common
     * @param address as of `OwnSource`
     * @param {{event(kind: string, text: string): void, failed(): void,
     *     shown(): {lineage: string, number: number, text: string} | null, giveWay(): void}} listener
     *     `giveWay`: a visible page of another scope needs the connection
     */
    constructor(scope, address, listener) {
        this.scope = scope;
        this.listener = listener;
        this.own = new OwnSource(address, {
            event: (kind, text) => { this.#post({ what: "event", kind, text }); listener.event(kind, text); },
            failed: () => listener.failed(),
        });
        /** Ends this page's lead; null if another page leads. */
        this.letGo = null;
        this.isOpen = false;
        this.wanted = [];
    }

    get isLeading() { return this.letGo !== null; }

    /** Connects if this page leads; otherwise asks the leader for what came after the revision. */
    open(after) {
        this.isOpen = true;
        if (!this.channel) {
            this.channel = new BroadcastChannel("consultease-events");
            this.channel.onmessage = (event) => this.#hear(event.data);
        }
        if (document.visibilityState === "visible") this.#post({ what: "need" });
        if (this.isLeading) { this.own.open(after); return; }
        if (!this.request) this.#takeLead({ signal: (this.request = new AbortController()).signal });
        this.#post({ what: "join", after });
        clearTimeout(this.leaderTimer);
        this.leaderTimer = setTimeout(() => { if (this.isOpen && !this.isLeading) this.#takeLead({ steal: true }); }, leaderTimeout);
    }

    /** Leaves: the next page may lead. */
    close() {
        this.isOpen = false;
        clearTimeout(this.leaderTimer);
        clearTimeout(this.gatherTimer);
        this.wanted = [];
        this.own.close();
        this.request?.abort();
        this.request = null;
        this.letGo?.();
        this.letGo = null;
        this.channel?.close();
        this.channel = null;
    }

    async #takeLead(options) {
        let lead = null;
        try {
            await navigator.locks.request(`consultease-events ${this.scope}`, options, () => {
                if (!this.isOpen || this.isLeading) return undefined;
                clearTimeout(this.leaderTimer);
                this.own.open(this.listener.shown()?.text ?? null);
                return new Promise((resolve) => { this.letGo = lead = resolve; });
            });
        } catch {
            // This page gave its request up; or it led and did not answer, and another page took the lock.
            if (!lead || this.letGo !== lead) return;
            this.letGo = this.request = null;
            this.own.close();
            this.listener.failed();
        }
    }

    #post(message) { this.channel?.postMessage({ scope: this.scope, ...message }); }

    #hear(message) {
        if (message.what === "need" && message.scope !== this.scope && document.visibilityState === "hidden") { this.listener.giveWay(); return; }
        if (message.scope !== this.scope) return;
        if (message.what === "join" && this.isLeading) {
            this.#post({ what: "leads" });
            this.#serve(message.after);
        } else if (!this.isLeading && (message.what === "leads" || message.what === "event")) {
            clearTimeout(this.leaderTimer);
            if (message.what === "event" && kinds.includes(message.kind)) this.listener.event(message.kind, message.text);
        }
    }

    /** Connects anew if the joining page is not where this one is; once for all that join within a moment. */
    #serve(after) {
        this.wanted.push(after);
        clearTimeout(this.gatherTimer);
        this.gatherTimer = setTimeout(() => {
            const shown = this.listener.shown();
            const behind = this.wanted.filter((text) => text !== shown?.text);
            this.wanted = [];
            if (!this.isLeading || !behind.length) return;
            const numbers = behind.map((text) => /^(.*)-(\d+)$/.exec(text ?? ""));
            const isSamePast = shown && numbers.every((match) => match?.[1] === shown.lineage);
            if (!isSamePast) { this.own.open(null); return; }
            const least = Math.min(...numbers.map((match) => Number(match[2])));
            if (least < shown.number) this.own.open(`${shown.lineage}-${least}`);
        }, gathering);
    }
}
