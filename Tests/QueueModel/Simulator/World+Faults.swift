/// What goes wrong by plan.
extension World {
    mutating func stepFault(_ event: Event) {
        switch event.step {
        case .fault:
            outside -= 1
            disturb(until: now)
            let fault = plan.faults[event.first]
            tell("fault: \(fault)")
            strike(fault)
        case .late: arriveLate(event.first)
        case .restart:
            outside -= 1
            restart(event.first)
        default:
            outside -= 1
            disturb(until: now)
            comeBack(event.first)
        }
    }

    private mutating func strike(_ fault: Fault) {
        let worker = firstWorker + fault.target % plan.workers
        let scheduler = firstScheduler + fault.target % plan.schedulers
        switch fault.kind {
        case .killWorker:
            kill(worker)
            planOutside(.restart, at: now + fault.length, worker)
        case .killScheduler:
            kill(scheduler)
            planOutside(.restart, at: now + fault.length, scheduler)
        case .killAPI:
            let api = fault.target % plan.apis
            kill(api)
            processes[api].isAlive = true
        case .freezeWorker: freeze(worker, until: now + fault.length)
        case .freezeScheduler: freeze(scheduler, until: now + fault.length)
        case .stopWorker: stop(worker, restartIn: fault.length)
        case .flushRedis: doorbell.flush()
        case .loseRedis, .restartRedis:
            stored = fault.kind == .loseRedis ? MemoryDoorbell() : doorbell
            redisGoes(for: fault.length)
        case .staleRedis:
            // What is written from now on is not replicated; then the replica takes over.
            stored = doorbell
            planOutside(.heal, at: now + fault.length, 1)
            disturb(until: now + fault.length)
        case .stopPostgres:
            postgresBackAt = max(postgresBackAt, now + fault.length)
            disturb(until: postgresBackAt)
        case .stallPostgres:
            stalledUntil = max(stalledUntil, now + fault.length)
            disturb(until: stalledUntil)
        case .loseMessage, .loseAnswer, .delayMessage, .doubleMessage: break
        }
    }

    /// Blocked readers notice and come again.
    private mutating func redisGoes(for length: Int) {
        redisBackAt = max(redisBackAt, now + length)
        disturb(until: redisBackAt)
        planOutside(.heal, at: redisBackAt, 1)
        for worker in 0..<workers.count where workers[worker].isReading {
            workers[worker].isReading = false
            later(.read, of: firstWorker + worker, in: hop())
        }
    }

    /// A Redis server starts with what was stored.
    private mutating func comeBack(_ first: Int) {
        if now < redisBackAt { return }
        doorbell.restart(with: stored)
        // A replica brings back what was read and acknowledged since.
        extraRings += doorbell.entries.count
        for worker in 0..<workers.count where workers[worker].isReading {
            workers[worker].isReading = false
            later(.read, of: firstWorker + worker, in: hop())
        }
    }

    mutating func kill(_ process: Int) {
        processes[process].isAlive = false
        processes[process].start += 1
        processes[process].frozenUntil = 0
        let worker = process - firstWorker
        guard worker >= 0, worker < workers.count else { return }
        for held in workers[worker].held where oracle.ghosts[held.job].claim == held.claim {
            oracle.ghosts[held.job].killedAt = now
        }
        workers[worker] = Worker(owner: workers[worker].owner)
    }

    private mutating func restart(_ process: Int) {
        if process < firstScheduler {
            let worker = process - firstWorker
            if processes[process].isAlive { kill(process) }
            workers[worker] = Worker(owner: owners)
            owners += 1
            later(.read, of: process, in: hop())
        } else {
            if processes[process].isAlive { return }
            schedulers[process - firstScheduler] = SchedulerState(gate: ReapGate(timing: timing))
            later(.round, of: process, in: hop())
        }
        processes[process].isAlive = true
    }

    private mutating func freeze(_ process: Int, until moment: Moment) {
        guard processes[process].isAlive else { return }
        processes[process].frozenUntil = max(processes[process].frozenUntil, moment)
        disturb(until: moment)
    }

    /// SIGTERM: nothing new is read, what is unfinished goes back, and then the process ends.
    private mutating func stop(_ process: Int, restartIn length: Int) {
        guard processes[process].isAlive else { return }
        let worker = process - firstWorker
        planOutside(.restart, at: now + length, process)
        workers[worker].isStopping = true
        workers[worker].isReading = false
        workers[worker].troubledUntil = max(workers[worker].troubledUntil, now + length)
        for place in 0..<workers[worker].held.count {
            later(.handBack, of: process, in: dice.roll(30), workers[worker].held[place].claim)
        }
    }
}
