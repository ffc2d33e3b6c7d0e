/// A body of data a decision rests on, named with its date in every answer.
package struct DataSource: Sendable, Hashable, Codable {
    /// Role of the data: `spot_advisor`, `on_demand_prices`, `spot_prices`, `instance_catalogue`.
    package var kind: String
    /// Where it came from, such as `aws_spot_advisor` or a file name; never a URL with credentials.
    package var name: String
    package var fetchedAt: Timestamp?
    /// Version, ETag or effective date as the source states it.
    package var version: String?
    /// True for the small made-up sample that stands in when there is neither network nor file.
    package var isSample: Bool

    package init(kind: String, name: String, fetchedAt: Timestamp?, version: String? = nil, isSample: Bool = false) {
        self.kind = kind
        self.name = name
        self.fetchedAt = fetchedAt
        self.version = version
        self.isSample = isSample
    }

    package var json: JSONValue {
        [
            "kind": .string(kind),
            "name": .string(isSample ? "SAMPLE (\(name))" : name),
            "fetched_at": .optional(fetchedAt?.description),
            "version": .optional(version),
            "sample": .bool(isSample),
        ]
    }
}
