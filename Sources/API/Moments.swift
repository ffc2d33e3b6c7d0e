import Contract
import FoundationEssentials

extension Date {
    /// As every answer writes it: UTC, with milliseconds.
    var rfc3339: String { Timestamp(secondsSinceEpoch: timeIntervalSince1970).description }
}

extension Timestamp {
    var date: Date { Date(timeIntervalSince1970: secondsSinceEpoch) }
}
