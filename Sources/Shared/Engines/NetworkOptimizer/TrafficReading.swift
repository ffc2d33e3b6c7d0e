import Contract

/// Reads traffic in the shapes callers have: a matrix of GB a day, or records of bytes with a window of time.
struct TrafficReading {
    /// A body of the largest size allowed holds a few million rows; no cluster has as many pairs worth a look.
    static let mostRows = 1_000_000
    /// A petabyte a day between two pods is 93 Gbit/s without a pause: beyond any network card.
    static let mostDailyGB = 1e6

    private(set) var rows: [TrafficRow] = []
    private(set) var problems: [ItemProblem] = []
    /// Hours over which bytes were counted; nothing when no row holds bytes.
    private(set) var windowHours: Double?

    private let bytesPerGB: Double
    private let windowGiven: Double?
    private var bytes: [(row: Int, bytes: Double, window: Double?, reader: JSONReader)] = []
    private var begin = Double.infinity
    private var end = -Double.infinity

    private enum Field {
        case nameA, nameB, namespaceA, namespaceB, zoneA, zoneB, serviceA, serviceB, nodeA, nodeB, client, server
        case dailyGB, monthlyGB, bytes, dailyBytes, start, end, window, direction
    }

    private static let fields: [String: Field] = {
        var fields: [String: Field] = [
            "client": .client, "client_pod": .client, "server": .server, "server_pod": .server,
            "daily_gb": .dailyGB, "gb_per_day": .dailyGB, "gb_day": .dailyGB, "traffic_gb_per_day": .dailyGB,
            "monthly_gb": .monthlyGB, "gb_per_month": .monthlyGB,
            "bytes": .bytes, "network_bytes": .bytes, "total_bytes": .bytes, "bytes_total": .bytes,
            "daily_bytes": .dailyBytes, "bytes_per_day": .dailyBytes,
            "start": .start, "end": .end, "window_hours": .window,
            "flow_direction": .direction, "flow-direction": .direction, "direction": .direction,
        ]
        let ends: [(String, Field, Field, Field, Field, Field)] = [
            ("a", .nameA, .namespaceA, .zoneA, .serviceA, .nodeA),
            ("b", .nameB, .namespaceB, .zoneB, .serviceB, .nodeB),
        ]
        for (letter, name, namespace, zone, service, node) in ends {
            for word in ["pod", "endpoint", "ip"] { fields["\(word)_\(letter)"] = name }
            for word in ["namespace", "ns"] { fields["\(word)_\(letter)"] = namespace }
            for word in ["az", "zone", "availability_zone"] { fields["\(word)_\(letter)"] = zone }
            for word in ["service", "workload", "deployment", "app"] { fields["\(word)_\(letter)"] = service }
            fields["node_\(letter)"] = node
        }
        let words: [(String, Field, Field, Field, Field, Field)] = [
            ("src", .nameA, .namespaceA, .zoneA, .serviceA, .nodeA),
            ("source", .nameA, .namespaceA, .zoneA, .serviceA, .nodeA),
            ("dst", .nameB, .namespaceB, .zoneB, .serviceB, .nodeB),
            ("dest", .nameB, .namespaceB, .zoneB, .serviceB, .nodeB),
            ("destination", .nameB, .namespaceB, .zoneB, .serviceB, .nodeB),
        ]
        for (word, name, namespace, zone, service, node) in words {
            for suffix in ["", "_pod", "_pod_name", "_ip", "_address"] { fields[word + suffix] = name }
            for suffix in ["_namespace", "_ns"] { fields[word + suffix] = namespace }
            for suffix in ["_zone", "_az", "_availability_zone"] { fields[word + suffix] = zone }
            for suffix in ["_service", "_workload", "_deployment", "_app"] { fields[word + suffix] = service }
            fields[word + "_node"] = node
        }
        fields["srcaddr"] = .nameA
        fields["dstaddr"] = .nameB
        return fields
    }()

    /// - Parameters:
    ///   - list: The rows.
    ///   - window: Hours over which bytes were counted, when the caller says so for all rows.
    ///   - bytesPerGB: How many bytes make a GB.
    /// - Throws: 422 when there are more rows than can be meant.
    init(_ list: JSONReader, window: Double?, bytesPerGB: Double) throws(APIError) {
        self.bytesPerGB = bytesPerGB
        windowGiven = window
        let elements = try list.array()
        guard elements.count <= Self.mostRows else {
            throw list.invalid(
                "must not hold more than \(Self.mostRows) rows",
                hint: "Sum the rows of each pair first."
            )
        }
        rows.reserveCapacity(elements.count)
        for (index, value) in elements.enumerated() {
            let reader = JSONReader(value, path: .index(list.path, index))
            do throws(APIError) {
                try read(reader)
            } catch {
                problems.append(ItemProblem(error, at: reader))
            }
        }
        settleBytes()
    }

    private mutating func read(_ reader: JSONReader) throws(APIError) {
        var row = TrafficRow()
        var weight: Int64?
        var counted: Double?
        var window: Double?
        var span: (start: Double?, end: Double?) = (nil, nil)
        for member in try reader.object().members where !member.value.isNull {
            guard let field = Self.fields[member.key] else { continue }
            let value = JSONReader(member.value, path: .key(reader.path, member.key))
            switch field {
            case .client: row.first.name = try Self.name(value)
            case .server:
                row.second.name = try Self.name(value)
                row.isCall = true
            case .nameA: row.first.name = try Self.name(value)
            case .nameB: row.second.name = try Self.name(value)
            case .namespaceA: row.first.namespace = try Self.name(value)
            case .namespaceB: row.second.namespace = try Self.name(value)
            case .zoneA: row.first.zone = try Self.zone(value)
            case .zoneB: row.second.zone = try Self.zone(value)
            case .serviceA: row.first.service = try Self.name(value)
            case .serviceB: row.second.service = try Self.name(value)
            case .nodeA: row.first.node = try Self.name(value)
            case .nodeB: row.second.node = try Self.name(value)
            case .dailyGB: weight = Self.micro(try value.number(in: 0...Self.mostDailyGB, unit: "GB a day"))
            case .monthlyGB: weight = Self.micro(try value.number(in: 0...Self.mostDailyGB * 30, unit: "GB") / 30)
            case .dailyBytes: weight = try daily(value)
            case .bytes: counted = try value.number(in: 0...1e18, unit: "bytes")
            case .start: span.start = try Self.seconds(value)
            case .end: span.end = try Self.seconds(value)
            case .window: window = try value.number(in: 1.0 / 3600...24 * 366, unit: "hours")
            case .direction: row.direction = try Self.direction(value)
            }
        }
        try Self.check(row, reader)
        if let weight {
            row.weight = weight
        } else if let counted {
            bytes.append((rows.count, counted, window, reader))
            if let start = span.start { begin = min(begin, start) }
            if let last = span.end { end = max(end, last) }
        } else {
            throw APIError(
                .missingField,
                "\(reader.path).daily_gb is missing",
                field: "\(reader.path).daily_gb",
                hint: "Send daily_gb, or bytes with the window they were counted in."
            )
        }
        rows.append(row)
    }

    private func daily(_ value: JSONReader) throws(APIError) -> Int64 {
        Self.micro(try value.number(in: 0...Self.mostDailyGB * bytesPerGB, unit: "bytes a day") / bytesPerGB)
    }

    private static func micro(_ gb: Double) -> Int64 { Int64((gb * 1e6).rounded()) }

    /// A name as Kubernetes or a network gives it: printable ASCII without spaces.
    static func name(_ value: JSONReader) throws(APIError) -> String {
        let text = try value.string(maximumLength: 512)
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw value.invalid("is no name", hint: "Send the name as Kubernetes shows it.")
        }
        return text
    }

    static func zone(_ value: JSONReader) throws(APIError) -> String {
        let text = try name(value)
        guard text.utf8.count <= 63 else { throw value.invalid("is no zone", hint: "Send a zone such as us-east-1a.") }
        return text.lowercased()
    }

    private static func direction(_ value: JSONReader) throws(APIError) -> TrafficRow.Direction {
        switch try value.string().lowercased() {
        case "egress", "outbound", "out", "tx", "transmit": .egress
        case "ingress", "inbound", "in", "rx", "receive": .ingress
        default: .unknown
        }
    }

    /// Seconds since 1970, or an instant in words.
    private static func seconds(_ value: JSONReader) throws(APIError) -> Double {
        if value.value.number != nil { return try value.number(in: 0...1e11, unit: "seconds since 1970") }
        return try value.timestamp().secondsSinceEpoch
    }

    private static func check(_ row: TrafficRow, _ reader: JSONReader) throws(APIError) {
        for (end, key) in [(row.first, "pod_a"), (row.second, "pod_b")] where end.name.isEmpty {
            throw APIError(
                .missingField,
                "\(reader.path).\(key) is missing",
                field: "\(reader.path).\(key)",
                hint: "Name both ends as pod_a and pod_b."
            )
        }
    }

    // MARK: Bytes

    /// Records of one log share its whole span: a pair may appear in a few minutes of it only.
    private mutating func settleBytes() {
        guard !bytes.isEmpty else { return }
        let span = end > begin ? (end - begin) / 3600 : nil
        let common = windowGiven ?? span
        for (row, amount, own, reader) in bytes {
            guard let hours = windowGiven ?? own ?? common, hours > 0 else {
                problems.append(
                    ItemProblem(
                        field: reader.path.description,
                        code: APIError.Code.missingField.rawValue,
                        message: "\(reader.path) holds bytes without the time they were counted in: send window_hours"
                    )
                )
                continue
            }
            windowHours = min(windowHours ?? hours, hours)
            let daily = amount / bytesPerGB * 24 / hours
            guard daily <= Self.mostDailyGB else {
                problems.append(
                    ItemProblem(
                        field: reader.path.description,
                        code: APIError.Code.invalidValue.rawValue,
                        message: "\(reader.path) holds more bytes than a network card can carry in that time"
                    )
                )
                continue
            }
            rows[row].weight = Self.micro(daily)
        }
    }
}
