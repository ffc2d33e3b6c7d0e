import Calendar
import Contract

extension OfficeHoursRequest {
    private static let scheduleNames = [
        "schedule", "office_hours", "business_hours", "working_hours", "uptime_schedule",
    ]

    /// Reads the question out of a decision request.
    ///
    /// - Throws: 422 naming the field, for a schedule, a zone or a wish that cannot be read. What single objects say
    ///   wrongly becomes their own problem.
    init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.init()
        let fields = RequestFields(request)
        explains = request.explains
        cluster = request.cluster
        itemProblems = request.cluster.problems
        try readPlace(fields, request, defaults)
        try readPolicy(fields)
        var book = ScheduleBook(try scheduleReader(fields))
        try readSchedules(fields, request, &book)
        try readEntries(fields, &book)
        schedules = book.schedules
        clocks = book.reader.clocks
        itemProblems += book.problems
    }

    private mutating func readPlace(
        _ fields: RequestFields,
        _ request: DecisionRequest,
        _ defaults: EngineDefaults
    ) throws(APIError) {
        let place = try fields.region(
            or: cluster.region ?? RequestFields.commonest(cluster.nodes.lazy.map { ($0.region, 1) }),
            defaults
        )
        (region, regionField) = (place.name, place.field)
        if place.isAssumed { assumed.append("region") }
        environment = try fields.text(["environment", "env", "cluster_environment"])
        if environment == nil, case .object = request.clusterState {
            environment = try request.clusterStateReader.first(of: ["environment", "env"])?.string()
        }
        clusterNames = [try fields.text(["cluster_name"]), cluster.clusterName, request.clusterID].compactMap { $0 }
    }

    private mutating func readPolicy(_ fields: RequestFields) throws(APIError) {
        policy.leadMinutes =
            try fields.number(["lead_minutes", "lead_time_minutes"], in: 0...240, "minutes") ?? policy.leadMinutes
        policy.hysteresisMinutes =
            try fields.number(["hysteresis_minutes"], in: 0...1440, "minutes") ?? policy.hysteresisMinutes
        policy.graceSeconds =
            try fields.number(["grace_period_seconds", "grace_period"], in: 0...2_592_000, "seconds")
            ?? policy.graceSeconds
        if let field = try fields.first(["downtime_replicas", "min_replicas"]) {
            policy.downtimeReplicas = try field.integer(in: 0...1_000_000)
        }
        if let list = try fields.first(["exclude_namespaces", "excluded_namespaces"]) {
            excludedNamespaces.formUnion(try list.strings())
        }
        guard let word = try fields.first(["override", "manual_override"]) else { return }
        let state = try word.required("state", hint: "Send on or off.")
        guard let named = UptimeSchedule.State(rawValue: try state.string().lowercased()), named != .undetermined else {
            throw state.invalid("must be on or off", hint: "Send on or off.")
        }
        // Without an end it would be forgotten, and hold for ever.
        override = Override(state: named, until: try word.required("until", hint: "Say how long it holds.").moment())
    }

    private mutating func scheduleReader(_ fields: RequestFields) throws(APIError) -> ScheduleReader {
        var reader = ScheduleReader()
        var place = try fields.first(["timezone", "time_zone", "timeZone", "tz"])
        if place == nil, let schedule = try fields.first(Self.scheduleNames), case .object = schedule.value {
            place = try schedule.first(of: ["timezone", "timeZone", "time_zone", "tz"])
        }
        if place == nil { assumed.append("timezone") }
        try reader.setZone(place)
        zone = reader.defaultZone
        for field in fields.places {
            if let days = try reader.dates(field, ["holidays"]) { reader.holidays = days }
        }
        return reader
    }

    private mutating func readSchedules(
        _ fields: RequestFields,
        _ request: DecisionRequest,
        _ book: inout ScheduleBook
    ) throws(APIError) {
        if let field = try fields.first(Self.scheduleNames) {
            book.setDefault(try book.reader.read(field))
        } else if try fields.first(["uptime", "downtime"]) != nil {
            book.setDefault(try book.reader.pair(try fields.first(["uptime"]), try fields.first(["downtime"])))
        } else if try fields.first(["weekdays", "weekends"]) != nil {
            book.setDefault(try book.reader.read(request.requirementsReader))
        }
        if let field = try fields.first(["namespace_schedules", "schedules_by_namespace"]) {
            for member in try field.object().members.sorted(by: { $0.key < $1.key }) {
                let place = JSONReader(member.value, path: .key(field.path, member.key))
                book.set(namespace: member.key, try book.reader.read(place))
            }
        }
        try readSleepInfos(request, &book)
        book.addAnnotations(of: cluster.namespaces.sorted { $0.name < $1.name })
    }

    /// kube-green's own objects, one namespace each.
    private mutating func readSleepInfos(_ request: DecisionRequest, _ book: inout ScheduleBook) throws(APIError) {
        guard case .object = request.clusterState else { return }
        let state = request.clusterStateReader
        guard let list = try state.first(of: ["sleepinfos", "sleep_infos", "sleepInfos"]) else { return }
        let items = list.value.object == nil ? list : try list.optional("items") ?? list
        var byNamespace: [String: [JSONReader]] = [:]
        for element in try items.elements() {
            if let namespace = element.value["metadata"]?["namespace"]?.string {
                byNamespace[namespace, default: []].append(element)
            } else {
                itemProblems.append(ItemProblem(element.invalid("names no namespace"), at: element))
            }
        }
        for namespace in byNamespace.keys.sorted() {
            guard let element = byNamespace[namespace]?.first else { continue }
            do throws(APIError) {
                // Two of them may contradict each other: then neither counts.
                guard byNamespace[namespace]?.count == 1 else {
                    throw element.invalid("is not the only one of namespace \(namespace)", hint: "Send one for each.")
                }
                book.set(namespace: namespace, try book.reader.read(element))
            } catch {
                book.setUnusable(namespace: namespace, error, at: element)
            }
        }
    }

    private mutating func readEntries(_ fields: RequestFields, _ book: inout ScheduleBook) throws(APIError) {
        let originals = try fields.first(["original_replicas"])?.object()
        let remembered = Dictionary((originals?.members ?? []).map { ($0.key, $0.value) }) { first, _ in first }
        let changes = try fields.moments(["last_transitions", "last_scaled_at"], &itemProblems)
        entries.reserveCapacity(cluster.workloads.count)
        for workload in cluster.workloads.sorted(by: Self.precedes) {
            var entry = Entry(workload: workload, assignment: book.assignment(workload))
            let marks = workload.meta.annotations
            entry.exclusion = DownscalerMarks.exclusion(marks)
            entry.excludedUntil = DownscalerMarks.first(DownscalerMarks.excludedUntil, in: marks)
                .flatMap { Timestamp(loose: $0) }
            entry.forcedUp = DownscalerMarks.forcesUptime(marks)
            entry.downtimeReplicas = DownscalerMarks.count(
                DownscalerMarks.first(DownscalerMarks.downtimeReplicas, in: marks)
            )
            entry.originalReplicas = original(workload, remembered)
            if !changes.isEmpty { entry.lastChange = Self.keys(workload).lazy.compactMap { changes[$0] }.first }
            entries.append(entry)
        }
    }

    /// Deployments first and sets after them, as they are put to sleep; then by name.
    private static func precedes(_ left: Workload, _ right: Workload) -> Bool {
        if left.meta.namespace != right.meta.namespace { return left.meta.namespace < right.meta.namespace }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        return left.meta.name < right.meta.name
    }

    private static func keys(_ workload: Workload) -> [String] {
        let name = "\(workload.meta.namespace)/\(workload.meta.name)"
        return ["\(workload.kind.rawValue)/\(name)", name]
    }

    /// From the request, else from the annotation, else from the object's own member.
    private func original(_ workload: Workload, _ remembered: [String: JSONValue]) -> Int64? {
        if !remembered.isEmpty {
            for key in Self.keys(workload) {
                if let count = remembered[key]?.integer, (0...1_000_000_000).contains(count) { return count }
            }
        }
        if let text = DownscalerMarks.first(DownscalerMarks.originalReplicas, in: workload.meta.annotations) {
            return DownscalerMarks.count(text)
        }
        return workload.flat["original_replicas"]?.integer.flatMap { $0 >= 0 ? $0 : nil }
    }
}
