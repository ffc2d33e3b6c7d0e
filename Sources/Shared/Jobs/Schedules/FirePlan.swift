import Calendar

/// What becomes of each due fire under the overlap policy.
struct FirePlan {
    struct Fire {
        let moment: Moment
        let origin: ScheduleFire.Origin
    }

    private(set) var jobs: [Fire] = []
    private(set) var dropped: [Fire] = []
    /// The fire that waits for the end of the job before it.
    private(set) var buffered: Moment?

    /// Decides in the order of time; the fire that has waited so far comes first.
    init(due: [DueFire], waiting: Moment?, isBusy: Bool, policy: OverlapPolicy) {
        var isBusy = isBusy
        let fires =
            (waiting.map { [Fire(moment: $0, origin: .buffered)] } ?? [])
            + due.map { Fire(moment: $0.moment, origin: $0.isCatchUp ? .catchUp : .schedule) }
        for fire in fires {
            if policy == .allow || !isBusy {
                jobs.append(fire)
                isBusy = true
            } else if policy == .bufferOne, buffered == nil {
                buffered = fire.moment
            } else {
                dropped.append(fire)
            }
        }
    }
}
