import Contract

/// Every schedule at this moment, every workload's verdict, and the nodes that come free.
struct OfficeHoursEvaluation: Sendable {
    let frame: TimeFrame
    let statuses: [ScheduleStatus]
    /// In the order of the request's entries.
    let verdicts: [WorkloadVerdict]
    let nodes: NodeRelease
    let forcingPod: String?

    init(_ request: OfficeHoursRequest, _ tariff: InstanceTariff, now: Timestamp) {
        let frame = TimeFrame(now, request)
        let statuses = request.schedules.map { ScheduleStatus($0, request, frame) }
        let judge = WorkloadJudge(request, statuses, now: now)
        let verdicts = request.entries.enumerated().map { judge.verdict($0.offset, $0.element) }
        self.frame = frame
        self.statuses = statuses
        self.verdicts = verdicts
        forcingPod = judge.forcingPod
        nodes = NodeRelease(request, verdicts, statuses, tariff, frame)
    }

    /// The next instant at which any schedule that governs something changes its mind.
    var next: UptimeSchedule.Change? {
        let used = Set(verdicts.compactMap { $0.finding.isManaged ? $0.schedule : nil }).sorted()
        let positions = used.isEmpty ? Array(statuses.indices) : used
        return positions.compactMap { statuses[$0].next }.min {
            ($0.at, $0.state.rawValue) < ($1.at, $1.state.rawValue)
        }
    }
}
