import Contract

/// A local catalogue given with `--catalogue`: a map of types as Karpenter's documentation lists them, or the output
/// of `aws ec2 describe-instance-types`.
package struct CatalogueFile: Sendable {
    package private(set) var facts: [InstanceTypeFacts] = []
    package private(set) var report = ReadingReport()

    /// Recognises the shape by its first key.
    ///
    /// - Throws: ``PricingError``, `malformed` or `invalid`.
    package init(parsing bytes: [UInt8], document: String) throws(PricingError) {
        var file = (facts: [InstanceTypeFacts](), report: ReadingReport())
        try JSONReader.read(bytes, document: document) { reader throws(PricingError) in
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if key == "InstanceTypes", try reader.peek() == .array {
                    try reader.beginArray()
                    while try reader.nextElement() {
                        Self.add(try DescribedInstanceType.read(&reader), to: &file, what: "InstanceTypes")
                    }
                } else if InstanceTypeName.isPlausible(key) {
                    Self.add(try CataloguedInstanceType.read(&reader, name: key), to: &file, what: key)
                } else {
                    file.report.ignored += 1
                    try reader.skip()
                }
            }
        }
        facts = file.facts
        report = file.report
        report.rows = facts.count
        if facts.isEmpty {
            throw PricingError(
                .invalid,
                "no instance type found; expected describe-instance-types JSON or a map from type to attributes",
                in: document
            )
        }
    }

    private static func add(
        _ facts: InstanceTypeFacts?,
        to file: inout (facts: [InstanceTypeFacts], report: ReadingReport),
        what: String
    ) {
        if let facts, facts.vcpus != nil, facts.memoryMiB != nil {
            file.facts.append(facts)
        } else {
            file.report.reject("\(what): vCPUs or memory are missing")
        }
    }
}
