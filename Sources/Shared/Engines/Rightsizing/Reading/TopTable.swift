import Contract

/// Reads what `kubectl top pods`, `kubectl top pods --containers` and `kubectl top nodes` print.
enum TopTable {
    /// - Returns: False when the text is no such table.
    static func read(_ text: String, into table: inout UsageTable) -> Bool {
        let lines = text.split(separator: "\n").map {
            $0.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
        }
        guard let header = lines.first?.map(String.init), let cpu = header.firstIndex(of: "CPU(cores)"),
            let memory = header.firstIndex(of: "MEMORY(bytes)")
        else { return false }
        let isNode = header.contains { $0.hasPrefix("CPU%") || $0.hasPrefix("CPU(%)") }
        for line in lines.dropFirst() where line.count >= header.count {
            let words = line.map(String.init)
            var usage = ContainerUsage()
            usage.cpu = snapshot(words[cpu])
            usage.memory = snapshot(words[memory])
            guard isNode else {
                table.add(usage, to: container(header, words))
                continue
            }
            var node = NodeUsage()
            node.cpu = usage.cpu
            node.memory = usage.memory
            table.add(node, to: words[0])
        }
        return true
    }

    private static func container(_ header: [String], _ words: [String]) -> ContainerRef {
        func column(_ name: String) -> String? { header.firstIndex(of: name).map { words[$0] } }
        let namespace = column("NAMESPACE") ?? ""
        if let pod = column("POD") {
            return ContainerRef(namespace: namespace, pod: pod, container: column("NAME") ?? "")
        }
        return ContainerRef(namespace: namespace, pod: column("NAME") ?? words[0])
    }

    private static func snapshot(_ text: String) -> UsageSeries {
        guard let amount = SeriesReader.amount(.string(text)) else { return UsageSeries() }
        return UsageSeries([UsagePoint(milliseconds: UsagePoint.atTheClock, value: amount)])
    }
}
