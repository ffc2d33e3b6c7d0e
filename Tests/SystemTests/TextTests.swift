import Testing

@testable import Control

@Suite("Text for people")
struct TextTests {
    @Test(
        "ages are as exact as somebody needs them",
        arguments: [
            (0, "0ms"), (0.0356, "35ms"), (1, "1.0s"), (9.99, "9.9s"), (12.7, "12s"), (59.9, "59s"), (60, "1m 00s"),
            (3599, "59m 59s"), (3600, "1h 00m"), (86_399, "23h 59m"), (86_400, "1d 0h"), (-5, "0ms"),
        ] as [(Double, String)]
    )
    func ages(_ seconds: Double, _ text: String) {
        #expect(Age.text(seconds) == text)
    }

    @Test(
        "thousands stand apart",
        arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")]
    )
    func numbers(_ value: Int, _ text: String) {
        #expect(Age.number(value) == text)
    }

    @Test("a caller's text stays on its line and within its width")
    func shortened() {
        #expect("a\nb\u{1B}[31m".shortened(to: 20) == "a b [31m")
        #expect("abcdef".shortened(to: 4) == "abc…")
        #expect("abcd".shortened(to: 4) == "abcd")
    }

    @Test("numbers stand right, words left, and no line ends in blanks")
    func table() {
        var table = TextTable([.init(heading: "lane"), .init(heading: "jobs", isNumber: true), .init(heading: "why")])
        table.add(["bulk", "7", ""])
        table.add(["interactive", "1,200", "because"])

        #expect(
            table.text == """
                lane          jobs  why
                ───────────  ─────  ───────
                bulk             7
                interactive  1,200  because
                """
        )
    }
}
