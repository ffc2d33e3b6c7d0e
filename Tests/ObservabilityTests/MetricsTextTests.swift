import Testing

@testable import Observability

@Suite("Prometheus text")
struct MetricsTextTests {
    @Test("families carry HELP and TYPE before their samples, and labels in their order")
    func families() {
        var page = MetricsText()
        page.add(
            "jobs",
            .gauge,
            "Jobs.",
            [.init(3, [("lane", "batch"), ("kind", "a")]), .init(0, [("lane", "bulk")])]
        )
        page.add("runs_total", .counter, "Runs.", 2.5)

        #expect(
            page.text == """
                # HELP jobs Jobs.
                # TYPE jobs gauge
                jobs{lane="batch",kind="a"} 3
                jobs{lane="bulk"} 0
                # HELP runs_total Runs.
                # TYPE runs_total counter
                runs_total 2.5

                """
        )
    }

    @Test("a family without samples leaves no trace")
    func empty() {
        var page = MetricsText()
        page.add("jobs", .gauge, "Jobs.", [])

        #expect(page.text.isEmpty)
    }

    @Test(
        "what would break a line is escaped",
        arguments: [("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb", #"a\nb"#), ("grün", "grün")]
    )
    func escaping(_ value: String, _ written: String) {
        var page = MetricsText()
        page.add("m", .gauge, "h\\\n\"", [.init(1, [("l", value)])])

        #expect(page.text == "# HELP m h\\\\\\n\"\n# TYPE m gauge\nm{l=\"\(written)\"} 1\n")
    }

    @Test(
        "numbers are written as the format knows them",
        arguments: [
            (0, "0"), (-0.25, "-0.25"), (1e15, "1000000000000000"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"), (1e300, "1e+300"),
        ] as [(Double, String)]
    )
    func numbers(_ value: Double, _ written: String) {
        var page = MetricsText()
        page.add("m", .gauge, "h", value)

        #expect(page.text.hasSuffix("\nm \(written)\n"))
    }
}
