import Contract

/// Turns an offer row's descriptive columns into catalogue facts; what cannot be read stays unknown.
enum OfferAttributes {
    static func facts(
        _ type: InstanceTypeName,
        _ row: borrowing CSVReader.Record,
        _ columns: OfferColumns
    ) -> InstanceTypeFacts {
        func text(_ column: Int?) -> String? {
            column.flatMap { row.text($0) }.flatMap { $0.isEmpty || $0 == "NA" || $0.utf8.contains(0) ? nil : $0 }
        }
        var facts = InstanceTypeFacts(type, source: .offer)
        facts.set(
            vcpus: text(columns.vcpu).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil },
            memoryMiB: text(columns.memory).flatMap(memory)
        )
        facts.set(text(columns.gpu).flatMap { Int($0) } ?? 0, .gpuCount, \.gpuCount)
        if let processor = text(columns.processor) {
            facts.set(processor, .processor, \.processor)
            let arm = ["graviton", "arm", "apple m"].contains { processor.lowercased().contains($0) }
            let intelOrAMD = ["intel", "amd"].contains { processor.lowercased().contains($0) }
            facts.set(arm ? .arm64 : intelOrAMD ? .x86_64 : nil, .architecture, \.architecture)
        }
        facts.set(
            row.equals(columns.productFamily, "Compute Instance (bare metal)") ? true : nil,
            .bareMetal,
            \.bareMetal
        )
        facts.set(text(columns.storage).flatMap(disk), .localDiskGB, \.localDiskGB)
        facts.set(text(columns.network), .networkPerformance, \.networkPerformance)
        facts.set(yes(text(columns.enhancedNetworking)), .enhancedNetworking, \.enhancedNetworking)
        facts.set(yes(text(columns.currentGeneration)), .currentGeneration, \.currentGeneration)
        return facts
    }

    /// MiB of `8 GiB`, `0.5 GiB`, `1,952 GiB`, `24 TiB`.
    static func memory(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 2, let amount = number(words[0]), amount > 0 else { return nil }
        switch words[1].lowercased() {
        case "gib", "gb": return Int((amount * 1_024).rounded())
        case "tib", "tb": return Int((amount * 1_048_576).rounded())
        default: return nil
        }
    }

    /// GB of `EBS only`, `1 x 900 NVMe SSD`, `2 x 40 SSD`, `900 GB NVMe SSD`, `24 x 2000 HDD`, `2 x 1.9 TB NVMe SSD`.
    static func disk(_ text: String) -> Int? {
        let lowered = text.lowercased()
        if lowered.hasPrefix("ebs") { return 0 }
        let words = lowered.split(separator: " ")
        let unit = words.contains("tb") ? 1_000.0 : 1.0
        if words.count >= 3, words[1] == "x", let count = number(words[0]), let size = number(words[2]) {
            return whole(count * size * unit)
        }
        return words.first.flatMap(number).flatMap { whole($0 * unit) }
    }

    private static func whole(_ amount: Double) -> Int? {
        amount >= 0 && amount < 10_000_000 ? Int(amount.rounded()) : nil  // ten petabytes in one machine is damage
    }

    private static func number(_ text: Substring) -> Double? {
        guard let number = Double(text.filter { $0 != "," }), number.isFinite, number < 100_000_000 else { return nil }
        return number
    }

    private static func yes(_ text: String?) -> Bool? {
        switch text?.lowercased() {
        case "yes": true
        case "no": false
        default: nil
        }
    }
}
