-- Decisions with `Prefer: respond-async`: the answer is 202 as soon as the job is committed.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Prefer"] = "respond-async"
wrk.headers["X-API-Key"] = io.open(os.getenv("BENCH_KEY_FILE")):read("*l")
wrk.body = '{"cluster_id":"bench","cluster_state":{},"constraints":{},'
    .. '"requirements":{"cpu":4,"memory_gb":16,"node_count":3,"workload_type":"stateless"}}'

done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        "accepted %d per_second %.0f p50_ms %.2f p99_ms %.2f refused %d broken %d\n",
        summary.requests - errors.status, summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
