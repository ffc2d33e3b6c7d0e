import Contract

/// Finds out which schedule governs which workload: the object's own, else its namespace's, else the default.
///
/// Each different schedule is kept once, however many workloads follow it.
struct ScheduleBook {
    typealias Assignment = OfficeHoursRequest.Assignment

    var reader: ScheduleReader
    private(set) var schedules: [UptimeSchedule] = []
    private(set) var problems: [ItemProblem] = []
    private var positions: [UptimeSchedule: Int] = [:]
    /// Assignments by the text of the annotations they come from.
    private var known: [String: Result<Int, ItemFault>] = [:]
    private var byNamespace: [String: Assignment] = [:]
    private var standard: Assignment = .none

    private struct ItemFault: Error { var message: String }

    init(_ reader: ScheduleReader) { self.reader = reader }

    /// The schedule of everything that has none of its own.
    mutating func setDefault(_ schedule: UptimeSchedule) { standard = .schedule(add(schedule), .requirements) }

    mutating func set(namespace: String, _ schedule: UptimeSchedule) {
        byNamespace[namespace] = .schedule(add(schedule), .namespace)
    }

    /// A schedule that cannot be read leaves its namespace alone rather than to another schedule.
    mutating func setUnusable(namespace: String, _ error: APIError, at reader: JSONReader) {
        byNamespace[namespace] = .unusable(error.message)
        problems.append(ItemProblem(error, at: reader))
    }

    /// Takes the annotations of namespaces, where the request has not said more.
    mutating func addAnnotations(of namespaces: [NamespaceObject]) {
        for namespace in namespaces where byNamespace[namespace.name] == nil {
            let place = JSONPath.key(.root, "Namespace/\(namespace.name)")
            if let found = own(namespace.meta.annotations, place, source: .namespace) {
                byNamespace[namespace.name] = found
            }
        }
    }

    mutating func assignment(_ workload: Workload) -> Assignment {
        let place = JSONPath.key(.root, "\(workload.kind.rawValue)/\(workload.key)")
        if let found = own(workload.meta.annotations, place, source: .object) { return found }
        if let schedule = workload.flat["schedule"], !schedule.isNull {
            let field = JSONReader(schedule, path: .key(place, "schedule"))
            do throws(APIError) {
                return .schedule(add(try reader.read(field)), .object)
            } catch {
                problems.append(ItemProblem(error, at: field))
                return .unusable(error.message)
            }
        }
        return byNamespace[workload.meta.namespace] ?? standard
    }

    private mutating func own(
        _ annotations: Labels,
        _ place: JSONPath,
        source: OfficeHoursRequest.Source
    ) -> Assignment? {
        guard !annotations.isEmpty else { return nil }
        for key in DownscalerMarks.unsupported {
            if let value = annotations[key], value.lowercased() != "never" {
                return .unusable("\(key) is not supported")
            }
        }
        for key in DownscalerMarks.schedules {
            guard let text = annotations[key] else { continue }
            return assignment("\(key)\n\(text)", source) { (reader) throws(APIError) in
                try reader.read(JSONReader(.string(text.isEmpty ? "on" : text), path: .key(place, key)))
            }
        }
        let up = annotations[DownscalerMarks.uptime]
        let down = annotations[DownscalerMarks.downtime]
        guard up != nil || down != nil else { return nil }
        return assignment("\(up ?? "")\n\(down ?? "")", source) { (reader) throws(APIError) in
            try reader.pair(
                up.map { JSONReader(.string($0), path: .key(place, DownscalerMarks.uptime)) },
                down.map { JSONReader(.string($0), path: .key(place, DownscalerMarks.downtime)) }
            )
        }
    }

    private mutating func assignment(
        _ text: String,
        _ source: OfficeHoursRequest.Source,
        _ read: (inout ScheduleReader) throws(APIError) -> UptimeSchedule
    ) -> Assignment {
        if let result = known[text] {
            switch result {
            case .success(let position): return .schedule(position, source)
            case .failure(let fault): return .unusable(fault.message)
            }
        }
        do throws(APIError) {
            let position = add(try read(&reader))
            known[text] = .success(position)
            return .schedule(position, source)
        } catch {
            // Reported once, at the first object that carries it.
            problems.append(ItemProblem(field: error.field ?? "", code: error.code.rawValue, message: error.message))
            known[text] = .failure(ItemFault(message: error.message))
            return .unusable(error.message)
        }
    }

    private mutating func add(_ schedule: UptimeSchedule) -> Int {
        if let position = positions[schedule] { return position }
        positions[schedule] = schedules.count
        schedules.append(schedule)
        return schedules.count - 1
    }
}
