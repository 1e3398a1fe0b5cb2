// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

// What screens say of a card: the same rules as the server's pages, in the page's own words.

const minute = 60_000;

/** Fills a pattern's placeholders; nothing is glued together. */
export function fill(pattern, values) {
    return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Folds what doesn't count in a search: case and accents. */
export function folded(text) {
    return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const stateKeys = {
    "available": "available", "busy": "busy", "in-consultation": "inConsultation", "away": "away", "out": "out",
    "unknown": "unknown",
};
const sources = { beacon: "Beacon", button: "Button", "own-word": "OwnWord", calendar: "Calendar", consultation: "Consultation", unit: "Unit" };
const icons = { beacon: "beacon", button: "button", "own-word": "person", calendar: "calendar", consultation: "clock", unit: "unit" };

/** Null in a browser that doesn't know the zone: it may be older than the zone's name. */
function formatOf(zone) {
    try {
        return new Intl.DateTimeFormat("en-US", {
            timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
        });
    } catch (error) {
        console.info(`This browser doesn't know the time zone ${zone}; times are shown by its offset as the page was drawn.`, error);
        return null;
    }
}

function partsBy(format, moment) {
    return Object.fromEntries(format.formatToParts(moment).map((part) => [part.type, Number(part.value)]));
}

/** Of a moment that was moved by the zone's offset, so that UTC reads as local time. */
function partsAt(local) {
    const date = new Date(local);
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: date.getUTCHours(), minute: date.getUTCMinutes() };
}

export class Says {
    /**
     * @param {Record<string, string>} words the catalogue of the page's language
     * @param {string} zone IANA name of the university's time zone
     * @param {number} offset local time minus UTC in ms as the page was drawn, for a browser without the zone
     * @param {() => number} now the server's time in ms
     */
    constructor(words, zone, offset, now) {
        this.words = words;
        this.now = now;
        this.lists = Object.fromEntries(["weekdays", "months", "monthsLong"].map((key) => [key, (words[key] ?? "").split(" ")]));
        this.offset = offset;
        this.format = formatOf(zone);
        this.locals = new Map();
    }

    text(key, values = {}) { return fill(this.words[key] ?? "", values); }
    count(key, count) { return this.text(`${key}.${count === 1 ? "one" : "other"}`, { count }); }

    /** Parts of a moment on the university's clocks. Remembered by the minute: formatting is what costs. */
    local(moment) {
        const key = Math.floor(moment / minute);
        let parts = this.locals.get(key);
        if (!parts) {
            const of = this.format ? partsBy(this.format, moment) : partsAt(moment + this.offset);
            const day = Date.UTC(of.year, of.month - 1, of.day) / 86_400_000;
            parts = { day, weekday: (day + 4) % 7, date: of.day, month: of.month - 1, time: `${of.hour}:${String(of.minute).padStart(2, "0")}` };
            if (this.locals.size > 2000) this.locals.clear();
            this.locals.set(key, parts);
        }
        return parts;
    }

    clock(moment) { return this.local(moment).time; }

    moment(moment) {
        const [local, today] = [this.local(moment), this.local(this.now())];
        if (local.day === today.day) return local.time;
        const weekday = this.lists.weekdays[local.weekday];
        if (Math.abs(local.day - today.day) <= 6) return this.text("weekdayTime", { weekday, time: local.time });
        return this.text("dateTime", { weekday, day: local.date, month: this.lists.months[local.month], time: local.time });
    }

    day(moment) {
        const local = this.local(moment);
        return local.day === this.local(this.now()).day ? local.time : this.date(local, this.lists.months);
    }

    today() { return this.date(this.local(this.now()), this.lists.monthsLong); }

    date(local, months) {
        return this.text("date", { weekday: this.lists.weekdays[local.weekday], day: local.date, month: months[local.month] });
    }

    /** "3 min"; null below a minute. */
    age(since) {
        const minutes = Math.floor((this.now() - since) / minute);
        if (minutes < 1) return null;
        if (minutes < 60) return this.text("ageMinutes", { count: minutes });
        if (minutes < 48 * 60) return this.text("ageHours", { count: Math.floor(minutes / 60) });
        return this.count("ageDays", Math.floor(minutes / 1440));
    }

    /** "15 s" in steps of five below a minute. */
    fineAge(since) {
        const seconds = Math.max(5, Math.floor((this.now() - since) / 5000) * 5);
        return this.age(since) ?? this.text("ageSeconds", { count: Math.min(55, seconds) });
    }

    spokenAge(since) {
        const minutes = Math.floor((this.now() - since) / minute);
        if (minutes < 1) return this.text("ageSpokenNow");
        if (minutes < 60) return this.count("ageSpokenMinutes", minutes);
        if (minutes < 48 * 60) return this.count("ageSpokenHours", Math.floor(minutes / 60));
        return this.count("ageSpokenDays", Math.floor(minutes / 1440));
    }

    /** The state's word; while the screen isn't live, what it was. */
    word(card, isStale, isShort) {
        const key = stateKeys[card.availability] ?? "unknown";
        if (!isStale || key === "unknown") return this.text(key);
        const was = `was${key[0].toUpperCase()}${key.slice(1)}`;
        return this.text(isShort && this.words[`${was}Short`] ? `${was}Short` : was);
    }

    /** The line under the word; `staleAt` is when contact was lost. */
    line(card, staleAt) {
        const until = moment(card.until);
        const since = moment(card.since);
        switch (card.availability) {
        case "available":
            if (staleAt) return this.text("at", { time: this.moment(staleAt) });
            if (card.waiting > 0) return this.count("waiting", card.waiting);
            return until === null ? "" : this.text("until", { time: this.moment(until) });
        case "busy":
            if (until !== null) return this.text(card.source === "calendar" ? "freeAbout" : "until", { time: this.moment(until) });
            if (staleAt) return this.text("at", { time: this.moment(staleAt) });
            return card.waiting > 0 ? this.count("waiting", card.waiting) : "";
        case "in-consultation":
            if (staleAt) return this.text("at", { time: this.moment(staleAt) });
            return card.waiting > 0 ? this.count("waiting", card.waiting) : this.text("nobodyWaiting");
        case "away": {
            const seen = moment(card.last_seen);
            if (until !== null) return this.text(card.source === "own-word" ? "backAt" : "backAbout", { time: this.moment(until) });
            if (seen !== null) return this.text("lastSeen", { time: this.moment(seen) });
            return since === null ? "" : this.text("since", { time: this.moment(since) });
        }
        case "out":
            return until === null ? "" : this.text("until", { time: this.day(until) });
        default: {
            if (since === null) return this.text("neverHeard");
            const key = { present: "wasHereAt", absent: "wasAwayAt" }[card.last_known] ?? "unitSilentSince";
            return this.text(key, { time: this.moment(since) });
        }
        }
    }

    /** Icon, short text, and the same in words. */
    evidence(card) {
        const source = sources[card.source] ? card.source : "unit";
        const name = sources[source];
        const since = moment(card.since);
        const known = { icon: icons[source], text: this.text(`source${name}`), spoken: this.text(`evidence${name}Plain`) };
        if (source === "calendar") return { ...known, spoken: this.text("evidenceCalendar") };
        const begun = source === "beacon" || source === "button" ? (card.availability === "away" ? since : moment(card.last_seen)) : since;
        if (begun === null) return known;
        const spoken = this.text(`evidence${name}`, { age: this.spokenAge(begun) });
        if (source === "own-word") return { ...known, spoken };
        if (source === "consultation") return { ...known, spoken, text: this.age(begun) ?? this.text("evidenceLive") };
        if (source === "unit") return { ...known, spoken, text: this.age(begun) ?? known.text };
        if (this.now() - begun < 10 * minute) return { ...known, text: this.text("evidenceLive"), spoken: this.text(`evidence${name}Live`) };
        return { ...known, text: this.age(begun), spoken };
    }

    /** The accessible name of a card. */
    label(card, word, line, spoken) {
        const key = `cardLabel${line ? "Line" : ""}${card.room ? "Room" : ""}`;
        return this.text(key, { name: card.name, word, line, room: card.room ?? "", evidence: spoken });
    }

    /** What stands under the surname. */
    second(card, form) {
        if (!card.room) return card.given_name;
        if (!card.given_name) return this.text("room", { room: card.room });
        return this.text(form === "hall" ? "givenRoomLong" : "givenRoom", { given: card.given_name, room: card.room });
    }
}

function moment(text) { return text ? Date.parse(text) : null; }

/** How a name fits a card's fixed box: see the server's `Fit`. */
export function fit(name, second, evidence, form, room) {
    const length = (text) => [...text].length;
    const limits = { tiles: [11, Infinity], rows: [18, 22], hall: [14, 26] }[form];
    const isTight = length(name) * 38 > 3 * (room * 2 - length(evidence) * 17 - 56);
    if (form === "cards" && (isTight || length(second) * 5 > room)) return "both";
    const isLong = limits ? length(name) > limits[0] : length(name) * 25 + length(evidence) * 17 > room * 2 - 68;
    const isSecondLong = limits ? length(second) > limits[1] : length(second) * 17 > room * 2;
    return isLong ? (isSecondLong ? "both" : "name") : isSecondLong ? "second" : "normal";
}
