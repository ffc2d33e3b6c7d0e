import Contract
import FoundationEssentials
import Hummingbird
import Jobs

/// Reads a request's query parameters, and names the one at fault.
struct QueryReader {
    private let parameters: Parameters

    init(_ request: Request) { parameters = request.uri.queryParameters }

    /// A misspelt filter would otherwise list everything.
    func refuseOthers(than names: Set<String>) throws(APIError) {
        for (name, _) in parameters where !names.contains(String(name)) {
            throw APIError(
                .invalidValue,
                "\(name.prefix(60)) is no filter",
                field: String(name.prefix(60)),
                hint: "Filters are \(names.sorted().joined(separator: ", "))."
            )
        }
    }

    /// nil when it is missing or empty.
    func text(_ name: String) -> String? {
        parameters[name[...]].map(String.init).flatMap { $0.isEmpty ? nil : $0 }
    }

    func required(_ name: String) throws(APIError) -> String {
        if let text = text(name) { return text }
        throw APIError(.missingField, "\(name) is missing", field: name, hint: "Add ?\(name)= to the address.")
    }

    /// A moment, or a whole day in UTC.
    func day(_ name: String, endOfDay: Bool = false) throws(APIError) -> Date? {
        guard let text = text(name), text.utf8.count == 10, let day = Timestamp(text + "T00:00:00Z") else {
            return try moment(name)
        }
        return (endOfDay ? day.adding(days: 1) : day).date
    }

    /// A `Link` header's value to the next page, its parameters encoded again: a caller's text must not become part of a
    /// header as it is.
    func link(_ path: String, _ names: Set<String>, limit: Int, after: String) -> String {
        let kept = names.subtracting(["after", "limit"]).sorted().compactMap { name in text(name).map { (name, $0) } }
        let query = (kept + [("limit", "\(limit)"), ("after", after)]).map { "\($0)=\($1.percentEncoded)" }
        return "<\(path)?\(query.joined(separator: "&"))>; rel=\"next\""
    }

    func jobID(_ name: String) throws(APIError) -> JobID? {
        guard let text = text(name) else { return nil }
        guard let id = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a job id", field: name)
        }
        return id
    }

    func moment(_ name: String) throws(APIError) -> Date? {
        guard let text = text(name) else { return nil }
        guard let moment = Timestamp(text) else {
            throw APIError(
                .invalidValue,
                "\(name) is no time",
                field: name,
                hint: "Send a time such as 2026-11-24T08:00:00Z."
            )
        }
        return moment.date
    }

    /// One of a type's words; nil without the parameter.
    func choice<Value: RawRepresentable & CaseIterable>(_ name: String) throws(APIError) -> Value?
    where Value.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw APIError(
                .invalidValue,
                "\(name) is none of its values",
                field: name,
                hint: "Send one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return value
    }

    func flag(_ name: String) throws(APIError) -> Bool? {
        switch text(name)?.lowercased() {
        case nil: return nil
        case "true", "1": return true
        case "false", "0": return false
        default: throw APIError(.invalidValue, "\(name) is true or false", field: name)
        }
    }

    func integer(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(APIError) -> Int {
        guard let text = text(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw APIError(
                .invalidValue,
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)",
                field: name
            )
        }
        return number
    }
}

extension String {
    /// All but RFC 3986's unreserved characters, and the slash, which a query may hold.
    var percentEncoded: String {
        utf8.reduce(into: "") { encoded, byte in
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~/".contains(character) {
                encoded.append(character)
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
