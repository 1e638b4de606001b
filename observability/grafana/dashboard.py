#!/usr/bin/env python3
"""Writes countersign.json, the Grafana dashboard: python3 observability/grafana/dashboard.py

A panel is a line or two here, and sixty in JSON, of which most are the same everywhere. Whoever likes a panel better
otherwise changes it in Grafana first, and then here; `.ci/observability` tells where the two differ.
"""

import json
import pathlib

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
SELECTOR = 'job=~"$job",instance=~"$instance"'
# Of what countersign is responsible for; what a sender has done wrong counts on neither side (prometheus/rules.yml).
FAILED = 'result=~"unavailable|error"'
RESPONSIBLE = 'result=~"created|duplicate|conflict|unavailable|error"'
CREATED = 'result="created"'
BROKEN = 'status=~"[45].."'
NOT_LET_IN = 'reason=~"read_unauthorized|protected_read|foreign_origin|rate_limited"'
UNSIGNED = 'reason=~"missing_signature|malformed_signature|several_signatures|signature_mismatch|stale_timestamp|unknown_source"'
GREEN, YELLOW, ORANGE, RED, BLUE, GREY = "green", "yellow", "orange", "red", "blue", "#8e8e8e"


def select(metric: str, *matchers: str) -> str:
    return f"{metric}{{{','.join([SELECTOR, *matchers])}}}"


def rate(metric: str, *matchers: str) -> str:
    return f"rate({select(metric, *matchers)}[$__rate_interval])"


def quantile(share: float, histogram: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) ({rate(histogram + '_bucket')}))"


def failures(window: str) -> str:
    def increase(result: str) -> str:
        return f"sum(increase({select('webhook_requests_total', result)}[{window}]))"

    return f"{increase(FAILED)} / {increase(RESPONSIBLE)}"


def steps(*pairs) -> dict:
    """Thresholds: a colour, and from which value on."""
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for value, color in pairs]}


class Grid:
    """Panels from left to right, 24 columns wide, row by row."""

    def __init__(self) -> None:
        self.panels: list[dict] = []
        self.x = self.y = self.height = 0

    def place(self, width: int, height: int) -> dict:
        if self.x + width > 24:
            self.x, self.y, self.height = 0, self.y + self.height, 0
        position = {"h": height, "w": width, "x": self.x, "y": self.y}
        self.x += width
        self.height = max(self.height, height)
        return position

    def row(self, title: str) -> None:
        self.x, self.y, self.height = 0, self.y + self.height, 0
        self._add({"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": self.place(24, 1)})

    def _add(self, panel: dict) -> None:
        self.panels.append({"id": len(self.panels) + 1, **panel})

    def panel(self, kind, title, description, queries, *, width, height=8, unit="short", defaults=None, overrides=(), options=None, instant=False, form=None):
        targets = [
            {
                "refId": "ABCDEFGH"[index],
                "datasource": DATASOURCE,
                "editorMode": "code",
                "expr": expression,
                "legendFormat": legend,
                "range": not instant,
                "instant": instant,
                **({"format": form} if form else {}),
            }
            for index, (expression, legend) in enumerate(queries)
        ]
        self._add(
            {
                "type": kind,
                "title": title,
                "description": description,
                "datasource": DATASOURCE,
                "gridPos": self.place(width, height),
                "fieldConfig": {"defaults": {"unit": unit, **(defaults or {})}, "overrides": list(overrides)},
                "options": options or {},
                "targets": targets,
            }
        )

    def series(self, title, description, queries, *, width=8, stack=False, unit="short", colors=None, thresholds=None, maximum=None, bars=False, dashed=()):
        custom = {
            "drawStyle": "bars" if bars else "line",
            "lineWidth": 1,
            "fillOpacity": 60 if bars else 30 if stack else 8,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if stack else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if thresholds else "off"},
        }
        defaults = {"custom": custom, "min": 0, "color": {"mode": "palette-classic"}}
        if maximum is not None:
            defaults["max"] = maximum
        if thresholds:
            defaults["thresholds"] = thresholds
        overrides = [
            {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}]}
            for name, color in (colors or {}).items()
        ] + [
            {
                "matcher": {"id": "byName", "options": name},
                "properties": [
                    {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 8]}},
                    {"id": "custom.fillOpacity", "value": 0},
                ],
            }
            for name in dashed
        ]
        options = {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
        self.panel("timeseries", title, description, queries, width=width, unit=unit, defaults=defaults, overrides=overrides, options=options)

    def stat(self, title, description, expression, *, width=4, unit="short", thresholds=None, mappings=(), decimals=None, legend="", none="–", text="value", orient="auto"):
        defaults = {
            "thresholds": thresholds or steps((None, BLUE)),
            "color": {"mode": "thresholds"},
            "mappings": list(mappings),
            "noValue": none,
        }
        if decimals is not None:
            defaults["decimals"] = decimals
        options = {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "background" if thresholds else "value",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": orient,
            "textMode": text,
        }
        self.panel("stat", title, description, [(expression, legend)], width=width, height=4, unit=unit, defaults=defaults, options=options, instant=True)


def overview(grid: Grid) -> None:
    grid.row("Overview")
    words = [{"type": "value", "options": {"0": {"text": "not ready", "color": RED}, "1": {"text": "ready", "color": GREEN}}}]
    grid.stat(
        "Ready",
        "Whether every instance can take messages in, as /health/ready last found it. Not ready: webhooks are answered 503; /health/ready says which check fails.",
        f"min({select('countersign_ready')})",
        thresholds=steps((None, RED), (1, GREEN)),
        mappings=words,
        none="no data",
    )
    grid.stat("Instances", "How many can be scraped.", f"sum({select('up')})", thresholds=steps((None, RED), (1, GREEN)), none="0")
    grid.stat(
        "Version",
        "What runs. More than one for longer than an update takes: an instance was forgotten.",
        f"count by (version) ({select('countersign_build_info')})",
        legend="{{version}}",
        text="name",
    )
    grid.stat("New messages", "Messages stored for the first time.", f"sum({rate('webhook_requests_total', CREATED)})", unit="reqps", decimals=1)
    grid.stat(
        "Last new message",
        "How long ago the last new message came, of any source, since the instances started.",
        f"time() - max({select('webhook_last_created_timestamp_seconds')})",
        unit="s",
        decimals=0,
        none="none yet",
    )
    grid.stat(
        "Firing alerts",
        "Alerts of prometheus/rules.yml that fire now; nothing, where those rules are not loaded. docs/how-to/alerting.md says what each means.",
        'count(ALERTS{alertstate="firing",job=~"$job"}) or vector(0)',
        thresholds=steps((None, GREEN), (1, RED)),
    )
    grid.stat(
        "Acknowledged in 30 days (objective: 99.9 %)",
        "Of the webhooks that countersign is responsible for (created, duplicate, conflict; unavailable and error are the failures), how many were acknowledged. What a sender has done wrong counts on neither side.",
        f"1 - ({failures('30d')})",
        width=6,
        unit="percentunit",
        decimals=3,
        thresholds=steps((None, RED), (0.999, GREEN)),
        none="no webhooks",
    )
    grid.stat(
        "Error budget left in 30 days",
        "100 %: nothing has failed. 0 %: exactly 0.1 % have. Below: the objective is missed.",
        f"1 - ({failures('30d')}) / 0.001",
        width=6,
        unit="percentunit",
        decimals=1,
        thresholds=steps((None, RED), (0, ORANGE), (0.25, GREEN)),
        none="no webhooks",
    )
    grid.stat("Failed in 30 days", "Webhooks answered 503 or 500. Providers send them again; connections that were refused are not among them.", f"sum(increase({select('webhook_requests_total', FAILED)}[30d]))", width=6, decimals=0)
    grid.stat("Panics", "Panics of the running processes, which are bugs.", f"sum({select('panics_total')})", width=6, thresholds=steps((None, GREEN), (1, RED)))
    grid.series(
        "How fast the error budget is used",
        "1: it lasts exactly 30 days. Above 14.4 for an hour or above 6 for six hours somebody is woken (HighErrorRate). Nothing is drawn while no webhooks come.",
        [(f"({failures('1h')}) / 0.001", "1 hour"), (f"({failures('6h')}) / 0.001", "6 hours")],
        width=12,
        thresholds=steps((None, "transparent"), (6, ORANGE), (14.4, RED)),
    )
    grid.series(
        "Failed webhooks",
        "Webhooks that countersign could not serve: unavailable is 503 (overload, a full or silent disk, a database that is away), error is 500.",
        [(f"sum by (result) ({rate('webhook_requests_total', FAILED)})", "{{result}}")],
        width=12,
        unit="reqps",
        stack=True,
        colors={"unavailable": ORANGE, "error": RED},
    )


def requests(grid: Grid) -> None:
    grid.row("Requests: rate, errors, duration")
    count = "http_server_request_duration_seconds"
    grid.series("Requests by route", "All requests, webhooks and reads, by the pattern of their route.", [(f"sum by (http_route) ({rate(count + '_count')}) > 0", "{{http_route}}")], unit="reqps", stack=True)
    grid.series(
        "Errors by route and status",
        "Requests answered 4xx (the client's fault: what it has done wrong, GET /rejections says) or 5xx.",
        [(f"sum by (path, status) ({rate('http_requests_total', BROKEN)}) > 0", "{{status}} {{path}}")],
        unit="reqps",
    )
    grid.series(
        "Duration by route (95 %)",
        "Of 95 in 100 requests, from the head to the answer; of a stream, until it began. A long poll of /messages waits for up to 30 seconds, and is meant to.",
        [(quantile(0.95, count, "http_route") + " >= 0", "{{http_route}}")],
        unit="s",
    )
    grid.series(
        "In flight",
        "Requests that are being worked on, connections that are open, and streams of events.",
        [
            (f"sum({select('http_server_active_requests')})", "requests"),
            (f"sum({select('http_connections')})", "connections"),
            (f"sum({select('http_live_streams')})", "streams"),
        ],
    )
    grid.series(
        "Connections refused and closed",
        "refused: there were as many as may be, and the client was told 503. The others the server closed: idle or half a request for too long, malformed, taking nothing, or to make room (evicted). Streams are dropped whose client is too slow.",
        [
            (f"sum({rate('http_connections_refused_total')})", "refused"),
            (f"sum by (reason) ({rate('http_connections_closed_total')})", "{{reason}}"),
            (f"sum({rate('http_live_streams_dropped_total')})", "stream dropped"),
        ],
        unit="cps",
        colors={"refused": RED},
    )
    grid.series("Reads refused", "Who may not read: no token or a wrong one, the protected mode, a page of another site. Many of them: somebody tries.", [(f"sum by (reason) ({rate('rejections_total', NOT_LET_IN)})", "{{reason}}")], unit="reqps")


def webhooks(grid: Grid) -> None:
    grid.row("Webhooks")
    grid.series(
        "What became of webhooks",
        "created: stored. duplicate: came again, stored before. conflict: other content under a known id; the first is kept. All others were refused.",
        [(f"sum by (result) ({rate('webhook_requests_total')})", "{{result}}")],
        width=12,
        unit="reqps",
        stack=True,
        colors={"created": GREEN, "duplicate": BLUE, "conflict": YELLOW, "invalid_signature": "dark-red", "validation_error": "purple", "unavailable": ORANGE, "error": RED},
    )
    ack = "webhook_acknowledgement_duration_seconds"
    grid.series(
        "How long acknowledgements took",
        "From the head of the request to the 200, which comes after the message is on disk. Above a second for five minutes: AckSlow. After 2.5 seconds, the answer is 503.",
        [(quantile(0.5, ack), "50 %"), (quantile(0.95, ack), "95 %"), (quantile(0.99, ack), "99 %")],
        width=12,
        unit="s",
        thresholds=steps((None, "transparent"), (1, RED)),
    )
    grid.panel(
        "heatmap",
        "Acknowledgements by duration",
        "The same as a picture of all of them: two bands are two kinds of commit, or two instances.",
        [(f"sum by (le) (increase({select(ack + '_bucket')}[$__rate_interval]))", "{{le}}")],
        width=8,
        form="heatmap",
        options={
            "calculate": False,
            "cellGap": 1,
            "color": {"mode": "scheme", "scheme": "Blues", "exponent": 0.5, "fill": "dark-blue", "scale": "exponential", "reverse": False, "steps": 64},
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": "s"},
        },
        defaults={"custom": {"hideFrom": {"legend": False, "tooltip": False, "viz": False}, "scaleDistribution": {"type": "linear"}}},
    )
    grid.series(
        "Signature failures by reason",
        "Webhooks without a valid signature. signature_mismatch: the secret or the signed bytes differ; stale_timestamp: a clock is off, or a request was kept; missing_signature: most often a stranger.",
        [(f"sum by (reason) ({rate('rejections_total', UNSIGNED)})", "{{reason}}")],
        unit="reqps",
        stack=True,
    )
    grid.series(
        "Near misses by cause",
        "Signatures that are nearly right, and the mistake that was recognised; GET /rejections says how to mend it.",
        [(f"sum by (cause) ({rate('signature_near_misses_total')})", "{{cause}}")],
        unit="reqps",
    )
    grid.series(
        "Key in use, by source",
        "By which key each source signs. While a secret is rotated, the new one comes up as the old one goes down to nothing: then, take the old one away.",
        [(f"sum by (source, key) ({rate('webhook_signature_key_total')})", "{{source}}: {{key}}")],
        unit="reqps",
        stack=True,
        width=12,
    )
    grid.series(
        "Since the last new message, by source",
        "How long each source has been silent. A line that climbs for longer than the source is used to: SilentSender.",
        [(f"time() - max by (source) ({select('webhook_last_created_timestamp_seconds')})", "{{source}}")],
        unit="s",
        width=12,
    )
    grid.panel(
        "bargauge",
        "Refused in the time shown, by reason",
        "Every refused request, whatever the reason. What was refused, and why: GET /rejections, and the tab Refused.",
        [(f"sort_desc(sum by (reason) (increase({select('rejections_total')}[$__range])) > 0)", "{{reason}}")],
        width=12,
        instant=True,
        defaults={"color": {"mode": "fixed", "fixedColor": ORANGE}, "decimals": 0, "min": 0, "noValue": "none"},
        options={"displayMode": "basic", "orientation": "horizontal", "showUnfilled": True, "valueMode": "color", "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}},
    )
    grid.series(
        "Repetitions not written yet",
        "Messages that came again, of which that waits to be written (about a second). Not counted: too many wait; the messages themselves are safe.",
        [(f"sum({select('webhook_duplicates_waiting')})", "waiting"), (f"sum(increase({select('webhook_duplicates_not_counted_total')}[$__rate_interval]))", "not counted")],
        colors={"not counted": RED},
        width=12,
    )


def storage(grid: Grid) -> None:
    grid.row("Storage")
    commit, batch = "db_append_commit_duration_seconds", "db_append_batch_size"
    grid.series("Commit", "How long a transaction takes until it is durable: the disk's sync, or the round trip to PostgreSQL. Every acknowledgement waits for one.", [(quantile(0.5, commit), "50 %"), (quantile(0.99, commit), "99 %")], unit="s")
    grid.series(
        "Messages a transaction",
        "Messages that arrive together are committed together: the more come, the larger the transactions, and the cheaper each message.",
        [(f"sum({rate(batch + '_sum')}) / sum({rate(batch + '_count')})", "mean"), (quantile(0.99, batch), "99 %")],
    )
    grid.series(
        "Queue",
        "How full the queue in front of the database is, by messages and by bytes. Full: the next webhook is answered 503. Above 80 %: QueueSaturated.",
        [
            (f"max({select('db_append_queue_messages')} / {select('db_append_queue_capacity_messages')})", "messages"),
            (f"max({select('db_append_queue_bytes')} / {select('db_append_queue_capacity_bytes')})", "bytes"),
        ],
        unit="percentunit",
        maximum=1,
        thresholds=steps((None, "transparent"), (0.8, RED)),
    )
    grid.series(
        "Given up while waiting",
        "Messages whose sender was told 503 because they waited for too long: withdrawn were not stored, late were (they will come again, as duplicates).",
        [(f"sum({rate('db_appends_withdrawn_total')})", "withdrawn"), (f"sum({rate('db_appends_late_total')})", "late")],
    )
    grid.series("Fold lag", "For how long the oldest message has been waiting that is not in the index yet. Reads are exact, and slower, while it lags.", [(f"max({select('db_fold_lag_seconds')})", "seconds")], unit="s", thresholds=steps((None, "transparent"), (300, RED)))
    grid.series("Messages not in the index", "How many they are. Some thousands under load are usual.", [(f"max({select('db_fold_lag_messages')})", "messages")])
    grid.series(
        "Database and write-ahead log",
        "What the database takes on disk, with its index. The write-ahead log is brought home at 64 MiB; much more: somebody has been reading for a long time. (PostgreSQL keeps its log to itself.)",
        [(f"max({select('db_storage_bytes')})", "database"), (f"max({select('db_wal_bytes')})", "write-ahead log")],
        unit="bytes",
    )
    grid.series(
        "Free disk",
        "What may still be written where the database is, and what that will be in four hours if it goes on as in the last one. Nothing is shown for PostgreSQL.",
        [(f"min({select('db_storage_free_bytes')})", "free"), (f"clamp_min(min(predict_linear({select('db_storage_free_bytes')}[1h], 4 * 3600)), 0)", "in four hours")],
        unit="bytes",
        dashed=("in four hours",),
    )
    grid.series("Purged messages", "Messages that were taken away for their age (RETENTION_DAYS).", [(f"sum({rate('messages_purged_total')})", "purged")], bars=True)


def process(grid: Grid) -> None:
    grid.row("Process")
    grid.series("Processor", "Processors in use: 1 is one of them, wholly.", [(rate("process_cpu_seconds_total"), "{{instance}}")], width=6)
    grid.series("Memory", "Memory in use (resident). Everything that grows with load is bounded: it may not go on climbing.", [(select("process_resident_memory_bytes"), "{{instance}}")], width=6, unit="bytes")
    grid.series(
        "File descriptors",
        "Files and sockets that are open, and how many may be. MAX_CONNECTIONS keeps a reserve.",
        [(select("process_open_fds"), "{{instance}}"), (select("process_max_fds"), "{{instance}} limit")],
        width=6,
    )
    grid.series("Threads", "Threads of the process; about the same number all the time.", [(select("process_threads"), "{{instance}}")], width=6)
    grid.series("Running since", "How long each process has been running. A saw: it starts anew again and again (RestartingOften).", [(f"time() - {select('process_start_time_seconds')}", "{{instance}}")], width=12, unit="s")
    grid.series("Address space", "Virtual memory: addresses that are reserved, not memory that is used.", [(select("process_virtual_memory_bytes"), "{{instance}}")], width=12, unit="bytes")


def variables() -> list[dict]:
    def query(name, label, expression, several):
        return {
            "type": "query",
            "name": name,
            "label": label,
            "datasource": DATASOURCE,
            "definition": expression,
            "query": {"query": expression, "refId": f"Variable-{name}"},
            "refresh": 2,
            "regex": "",
            "sort": 1,
            "multi": several,
            "includeAll": several,
            "hide": 0,
            "skipUrlSync": False,
            "options": [],
            **({"current": {"text": ["All"], "value": ["$__all"]}} if several else {}),
        }

    source = {
        "type": "datasource",
        "name": "datasource",
        "label": "Prometheus",
        "query": "prometheus",
        "regex": "",
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "hide": 0,
        "skipUrlSync": False,
        "options": [],
    }
    return [
        source,
        query("job", "Job", "label_values(webhook_requests_total, job)", False),
        query("instance", "Instance", 'label_values(webhook_requests_total{job=~"$job"}, instance)', True),
    ]


def annotations() -> list[dict]:
    def of(name, color, expression, **rest):
        return {"name": name, "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": color, "expr": expression, **rest}

    return [
        of("Starts", BLUE, f"{select('process_start_time_seconds')} * 1000", useValueForTime=True, titleFormat="start", textFormat="{{instance}}", step="60s"),
        of("Alerts", RED, 'ALERTS{alertstate="firing",job=~"$job"}', titleFormat="{{alertname}}", textFormat="{{severity}} {{instance}}", tagKeys="severity", step="60s"),
    ]


def dashboard() -> dict:
    grid = Grid()
    for part in (overview, requests, webhooks, storage, process):
        part(grid)
    return {
        "uid": "countersign",
        "title": "countersign",
        "description": "The inbox for signed webhooks: is it there, does it keep its objective, what comes, what is refused and why, and how its storage does.",
        "tags": ["countersign", "webhooks"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "weekStart": "",
        "fiscalYearStartMonth": 0,
        "links": [],
        "templating": {"list": variables()},
        "annotations": {"list": annotations()},
        "panels": grid.panels,
    }


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("countersign.json")
    path.write_text(json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n")
