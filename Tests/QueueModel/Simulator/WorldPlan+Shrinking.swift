extension WorldPlan {
    /// Plans with one thing less: the big things first.
    func simpler() -> [WorldPlan] {
        var simpler: [WorldPlan] = []
        func add(_ change: (inout WorldPlan) -> Void) {
            var plan = self
            change(&plan)
            simpler.append(plan)
        }
        for index in faults.indices { add { $0.faults.remove(at: index) } }
        // Numbers of jobs are places, so a job that goes stays in the list, unsubmitted.
        for index in jobs.indices where jobs[index].isSubmitted && submitted > 1 {
            add {
                $0.jobs[index].submittedAt = .never
                $0.jobs[index].cancelledAt = -1
            }
        }
        if pausedAt >= 0 {
            add {
                $0.pausedAt = -1
                $0.resumedAt = -1
            }
        }
        if cap > 0 { add { $0.cap = 0 } }
        if schedulers > 1 { add { $0.schedulers = 1 } }
        if workers > 1 { add { $0.workers -= 1 } }
        if apis > 1 { add { $0.apis = 1 } }
        for index in jobs.indices { simpler += simplerJobs(at: index) }
        return simpler
    }

    private var submitted: Int { jobs.reduce(0) { $0 + ($1.isSubmitted ? 1 : 0) } }

    private func simplerJobs(at index: Int) -> [WorldPlan] {
        var simpler: [WorldPlan] = []
        func add(_ isPresent: Bool, _ change: (inout JobScript) -> Void) {
            if !isPresent { return }
            var plan = self
            change(&plan.jobs[index])
            simpler.append(plan)
        }
        let job = jobs[index]
        if !job.isSubmitted { return [] }
        add(job.cancelledAt >= 0) { $0.cancelledAt = -1 }
        add(job.second != .succeed) { $0.second = .succeed }
        add(job.first != .succeed) {
            $0.first = .succeed
            $0.family = -1
        }
        add(job.spec.key >= 0) { $0.spec.key = -1 }
        add(job.spec.runAt > 0) { $0.spec.runAt = 0 }
        add(job.spec.deadline < .never) { $0.spec.deadline = .never }
        add(job.isRedriven) { $0.isRedriven = false }
        return simpler
    }
}

extension WorldPlan: CustomStringConvertible {
    package var description: String {
        var lines = [
            "  \(workers) workers of \(slots) slots, \(schedulers) schedulers, \(apis) API processes, window \(window)"
        ]
        if pausedAt >= 0 { lines.append("  tenant 0 is paused from \(pausedAt) to \(resumedAt) ms") }
        if cap > 0 { lines.append("  no tenant runs more than \(cap) at once") }
        for job in jobs where job.isSubmitted { lines.append("  " + job.description) }
        for fault in faults { lines.append("  \(fault)") }
        return lines.joined(separator: "\n")
    }
}

extension JobScript: CustomStringConvertible {
    package var description: String {
        var parts = ["job \(spec.number) at \(submittedAt) ms: runs \(work) ms, \(first), then \(second)"]
        if spec.key >= 0 { parts.append("key \(spec.key)") }
        if spec.runAt > 0 { parts.append("not before \(spec.runAt) ms") }
        if spec.deadline < .never { parts.append("deadline \(spec.deadline) ms") }
        if cancelledAt >= 0 { parts.append("cancelled at \(cancelledAt) ms") }
        if family >= 0 {
            parts.append("children \(family) and \(family + 1) (\(failPolicy)), completion job \(family + 2)")
        }
        return parts.joined(separator: ", ")
    }
}
