// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// The event stream, and what may be believed of it.

const silence = 4000;

/** `lineage-n` as its parts; null where it isn't one. */
export function tag(text) {
    const match = /^([a-z0-9]{8,32})-(\d{1,16})$/.exec(text ?? "");
    return match && { lineage: match[1], number: Number(match[2]), text };
}

/**
 * Opens the stream and keeps it open, for ever: after an error or four seconds without a word it closes and tries again,
 * one to five seconds later, never two clients in step.
 *
 * Never hands on anything older than what was handed on before, nor anything of another lineage unless it is whole.
 */
export class Stream {
    /**
     * @param {(after: string | null) => string} address
     * @param {string} revision the revision that the page shows
     * @param {boolean} isSilent whether the page begins as one that has lost contact
     * @param {{frame(kind: string, data: object, isNewPast: boolean): void, silent(): void, heard(): void}} listener
     */
    constructor(address, revision, isSilent, listener) {
        this.address = address;
        this.shown = tag(revision);
        this.listener = listener;
        this.isSilent = isSilent;
        this.attempt = 0;
        this.heardAt = performance.now();
        this.watch = setInterval(() => this.#look(), 250);
        document.addEventListener("visibilitychange", () => this.#look());
        addEventListener("pageshow", (event) => { if (event.persisted) this.#again(0); });
        addEventListener("pagehide", () => this.#close());
        this.#open();
    }

    #open() {
        this.#close();
        this.openedAt = performance.now();
        const source = new EventSource(this.address(this.shown?.text ?? null));
        for (const kind of ["snapshot", "change", "reset", "beat"]) {
            source.addEventListener(kind, (event) => { if (source === this.source) this.#take(kind, event.data); });
        }
        source.onerror = () => { if (source === this.source) this.#again(); };
        this.source = source;
    }

    #close() {
        clearTimeout(this.retry);
        this.retry = null;
        this.source?.close();
        this.source = null;
    }

    #again(wait = 1000 + Math.random() * Math.min(4000, 500 * 2 ** this.attempt)) {
        this.#close();
        this.attempt = Math.min(this.attempt + 1, 6);
        this.retry = setTimeout(() => this.#open(), wait);
    }

    #take(kind, text) {
        let data;
        try { data = JSON.parse(text || "{}"); } catch { return; }
        if (kind === "reset") {
            // Another past, or too far behind: what follows is whole.
            this.shown = null;
            this.#heard();
            this.isReset = true;
            if (!Array.isArray(data.cards)) return;
            kind = "snapshot";
        }
        const revision = tag(data.revision);
        if (!revision) return;
        const isSamePast = this.shown?.lineage === revision.lineage;
        if (isSamePast && revision.number < this.shown.number) return;
        if (!isSamePast && kind !== "snapshot") {
            // A number of another past says nothing about ours: ask for everything. A beat before the snapshot waits.
            if (this.shown) { this.shown = null; this.#again(); }
            return;
        }
        if (kind !== "beat") this.shown = revision;
        const isNewPast = !isSamePast || this.isReset === true;
        if (kind === "snapshot") this.isReset = false;
        this.listener.frame(kind, data, isNewPast);
        this.#heard();
    }

    #heard() {
        this.heardAt = performance.now();
        this.attempt = 0;
        if (this.isSilent) { this.isSilent = false; this.listener.heard(); }
    }

    #look() {
        const now = performance.now();
        if (now - this.heardAt > silence && !this.isSilent) { this.isSilent = true; this.listener.silent(); }
        if (this.source && now - Math.max(this.heardAt, this.openedAt) > silence) this.#again();
    }
}
