/// A worker process: reads, claims, works, beats and gives back.
extension World {
    mutating func stepWorker(_ event: Event) {
        let worker = event.process - firstWorker
        switch event.step {
        case .read: read(worker)
        case .claim: claim(worker, event.first, entry: event.second)
        case .acknowledge: _ = call(Message(operation: .acknowledge, owner: workers[worker].owner, value: event.first))
        case .report: report(worker, claim: event.first)
        case .finish: finish(worker, claim: event.first)
        case .beat: beat(worker)
        case .handBack: handBack(worker, claim: event.first)
        default: break
        }
    }

    private func hasFreeSlot(_ worker: Int) -> Bool {
        !workers[worker].isStopping && workers[worker].held.count + workers[worker].claiming < plan.slots
    }

    private mutating func readSoon(_ worker: Int, in delay: Int) {
        workers[worker].isReading = false
        later(.read, of: firstWorker + worker, in: delay)
    }

    private mutating func read(_ worker: Int) {
        guard hasFreeSlot(worker) else { return }
        let owner = workers[worker].owner
        let answer = call(Message(operation: .read, owner: owner))
        if !answer.arrived {
            if workers[worker].awaySince < 0 { workers[worker].awaySince = now }
            if now - workers[worker].awaySince >= timing.directAfter { claimDirectly(worker) }
            readSoon(worker, in: 500 + dice.roll(500))
            return
        }
        workers[worker].awaySince = -1
        guard answer.isYes else {
            workers[worker].isReading = true
            return
        }
        if flaw == .acknowledgesBeforeClaim { later(.acknowledge, of: firstWorker + worker, in: 0, answer.epoch) }
        workers[worker].claiming += 1
        later(.claim, of: firstWorker + worker, in: hop(), answer.value, answer.epoch)
        readSoon(worker, in: hop())
    }

    private mutating func claim(_ worker: Int, _ job: JobNumber, entry: Int) {
        workers[worker].claiming -= 1
        let answer = call(Message(operation: .claim, job: job, owner: workers[worker].owner))
        // Without an answer the entry stays unacknowledged: the keeper rings it again.
        if answer.arrived, flaw != .acknowledgesBeforeClaim {
            later(.acknowledge, of: firstWorker + worker, in: hop(), entry)
        }
        if answer.isYes { begin(worker, job, epoch: answer.epoch) }
        readSoon(worker, in: hop())
    }

    private mutating func claimDirectly(_ worker: Int) {
        let answer = call(Message(operation: .claimDirectly, owner: workers[worker].owner))
        if answer.isYes { begin(worker, answer.value, epoch: answer.epoch) }
    }

    private mutating func begin(_ worker: Int, _ job: JobNumber, epoch: Int) {
        let isScripted = job < plan.jobs.count
        let behaviour = isScripted ? nextBehaviour(of: job) : childBehaviour(of: job)
        let isAlone = ledger.rows[job].crashCount >= MemoryLedger.crashesBeforeIsolation
        if isAlone { seen.note(.ranAlone) }
        workers[worker].held.append(
            Held(job: job, epoch: epoch, claim: oracle.claims, behaviour: behaviour, isAlone: isAlone)
        )
        let work = isScripted ? plan.jobs[job].work : 50
        if behaviour == .report { later(.report, of: firstWorker + worker, in: work / 2, oracle.claims) }
        later(.finish, of: firstWorker + worker, in: work, oracle.claims)
        if !workers[worker].isBeating {
            workers[worker].isBeating = true
            // It has beaten while it was idle, too.
            ledger.see(workers[worker].owner, now: now)
            later(.beat, of: firstWorker + worker, in: dice.roll(timing.beat))
        }
    }

    private func nextBehaviour(of job: JobNumber) -> Behaviour {
        let script = plan.jobs[job]
        switch script.first {
        case .poison, .machinePoison: return script.first
        case .fanOut: return ledger.rows[job].childrenTotal == 0 ? .fanOut : .succeed
        default: break
        }
        let run = oracle.ghosts[job].runs
        return run == 1 ? script.first : run == 2 ? script.second : .succeed
    }

    private func childBehaviour(of job: JobNumber) -> Behaviour {
        for parent in 0..<plan.jobs.count where plan.jobs[parent].family == job && plan.jobs[parent].childFails {
            return .fail
        }
        return .succeed
    }

    private mutating func report(_ worker: Int, claim: Int) {
        let place = workers[worker].place(ofClaim: claim)
        if place >= 0 { _ = call(message(.report, workers[worker].held[place], worker)) }
    }

    func message(_ operation: Operation, _ held: Held, _ worker: Int) -> Message {
        Message(
            operation: operation,
            job: held.job,
            epoch: held.epoch,
            owner: workers[worker].owner,
            claim: held.claim,
            repeated: held.tries > 0
        )
    }

    private mutating func finish(_ worker: Int, claim: Int) {
        let place = workers[worker].place(ofClaim: claim)
        if place < 0 { return }
        let held = workers[worker].held[place]
        if held.behaviour == .machinePoison || held.behaviour == .poison && !held.isAlone {
            tell("job \(held.job) takes worker \(worker) down")
            disturb(until: now)
            kill(firstWorker + worker)
            planOutside(.restart, at: now + 1000, firstWorker + worker)
            return
        }
        let answer = call(ending(held, worker))
        if !answer.arrived {
            workers[worker].held[place].tries += 1
            later(.finish, of: firstWorker + worker, in: 50 << min(held.tries, 5), claim)
            return
        }
        drop(worker, place)
    }

    /// What a handler's run leads to.
    private func ending(_ held: Held, _ worker: Int) -> Message {
        var message = message(.complete, held, worker)
        if held.behaviour == .poison {
            message.outcome = .dead
            return message
        }
        if held.isCancelled, held.behaviour != .ignoreCancel {
            message.outcome = .cancelled
            return message
        }
        switch held.behaviour {
        case .retry: message.how = .retry(after: 300)
        case .snooze: message.how = .snooze(400)
        case .rateLimit: message.how = .rateLimited(until: now + 700)
        case .fail: message.outcome = .failed
        case .fanOut: message.operation = .fanOut
        default: break
        }
        if held.behaviour == .retry || held.behaviour == .snooze || held.behaviour == .rateLimit {
            message.operation = .release
        }
        return message
    }

    private mutating func drop(_ worker: Int, _ place: Int) {
        workers[worker].held.remove(at: place)
        if workers[worker].isStopping {
            if workers[worker].held.isEmpty { ledger.deregister(workers[worker].owner) }
        } else {
            readSoon(worker, in: hop())
        }
    }

    private mutating func beat(_ worker: Int) {
        var place = 0
        while place < workers[worker].held.count {
            let held = workers[worker].held[place]
            let answer = call(message(.beat, held, worker))
            if answer.arrived, answer.beat == .lost {
                tell("worker \(worker) hears that its claim \(held.claim) of job \(held.job) is lost")
                drop(worker, place)
                continue
            }
            if answer.arrived, answer.beat == .cancelRequested, !held.isCancelled {
                workers[worker].held[place].isCancelled = true
                if held.behaviour != .ignoreCancel {
                    later(.finish, of: firstWorker + worker, in: dice.roll(300), held.claim)
                }
            }
            place += 1
        }
        workers[worker].isBeating = !workers[worker].held.isEmpty
        if workers[worker].isBeating { later(.beat, of: firstWorker + worker, in: timing.beat) }
    }

    private mutating func handBack(_ worker: Int, claim: Int) {
        let place = workers[worker].place(ofClaim: claim)
        if place < 0 { return }
        let answer = call(message(.release, workers[worker].held[place], worker))
        if answer.arrived {
            drop(worker, place)
        } else {
            later(.handBack, of: firstWorker + worker, in: 100, claim)
        }
    }
}
