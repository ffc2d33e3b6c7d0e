extension World {
    var firstWorker: Int { plan.apis }
    var firstScheduler: Int { plan.apis + plan.workers }

    mutating func startProcesses() {
        processes = Array(repeating: Process(), count: plan.apis + plan.workers + plan.schedulers)
        for worker in 0..<plan.workers {
            workers.append(Worker(owner: owners))
            owners += 1
            later(.read, of: firstWorker + worker, in: dice.roll(300))
        }
        for scheduler in 0..<plan.schedulers {
            schedulers.append(SchedulerState(gate: ReapGate(timing: timing)))
            later(.round, of: firstScheduler + scheduler, in: dice.roll(timing.sweep))
        }
    }

    mutating func planEvents() {
        for job in 0..<plan.jobs.count where plan.jobs[job].isSubmitted {
            planOutside(.accept, at: plan.jobs[job].submittedAt, job)
            if plan.jobs[job].cancelledAt >= 0 { planOutside(.cancel, at: plan.jobs[job].cancelledAt, job) }
        }
        for index in 0..<plan.faults.count {
            if plan.faults[index].kind.isOfMessage {
                messageFaults.append(plan.faults[index])
            } else {
                planOutside(.fault, at: plan.faults[index].at, index)
            }
        }
        if messageFaults.count > 1 { messageFaults.sort { $0.at < $1.at } }
        if plan.pausedAt >= 0 {
            planOutside(.pause, at: plan.pausedAt)
            planOutside(.resume, at: plan.resumedAt)
        }
        if plan.cap > 0 {
            ledger.rules.cap(.tenant(0), at: plan.cap)
            ledger.rules.cap(.tenant(1), at: plan.cap)
        }
    }

    mutating func stepOperator(_ event: Event) {
        outside -= 1
        disturb(until: now)
        if event.step == .pause { ledger.rules.pause(.tenant(0)) } else { ledger.rules.resume(.tenant(0)) }
        tell(event.step == .pause ? "tenant 0 is paused" : "tenant 0 is resumed")
    }
}
