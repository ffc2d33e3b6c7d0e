/// A small world and what goes wrong in it: everything follows from the seed.
package struct WorldPlan: Sendable {
    package let seed: UInt64
    /// Seeds how long messages take and in which order equal moments come; another draw than the plan's.
    package var noise: UInt64
    package var jobs: [JobScript] = []
    package var workers = 1
    package var slots = 2
    package var schedulers = 1
    package var apis = 1
    /// The most ids the keeper lets stand in a stream.
    package var window = 4
    /// When a tenant is paused and resumed; -1: never.
    package var pausedAt: Moment = -1
    package var resumedAt: Moment = -1
    /// A tenant's most running jobs; 0: no cap.
    package var cap = 0
    package var faults: [Fault] = []
    /// Job numbers, children and completion jobs included.
    package private(set) var capacity = 0

    package init(seed: UInt64) {
        self.seed = seed
        noise = seed ^ 0x5EED
        var dice = Dice(seed: seed)
        workers = 1 + dice.roll(3)
        slots = 1 + dice.roll(2)
        schedulers = dice.once(in: 3) ? 2 : 1
        apis = 1 + dice.roll(2)
        window = 1 + dice.roll(4)
        makeJobs(&dice)
        if dice.once(in: 8) {
            pausedAt = dice.roll(2000)
            resumedAt = pausedAt + 500 + dice.roll(6000)
        }
        if dice.once(in: 8) { cap = 1 }
        makeFaults(&dice)
    }

    private mutating func makeJobs(_ dice: inout Dice) {
        let count = 1 + dice.roll(4)
        for number in 0..<count {
            var spec = JobSpec(number)
            spec.tenant = dice.roll(2)
            spec.cluster = dice.roll(2)
            spec.payload = number
            spec.maxAttempts = 1 + dice.roll(3)
            if dice.once(in: 6) { spec.runAt = 500 + dice.roll(3000) }
            if dice.once(in: 8) { spec.deadline = 1000 + dice.roll(15_000) }
            var script = JobScript(spec: spec, submittedAt: dice.roll(1500))
            if number > 0, dice.once(in: 3) {
                // The same request once more, perhaps at the same time and through another process.
                script.spec.tenant = jobs[number - 1].spec.tenant
                script.spec.payload = jobs[number - 1].spec.payload
                script.spec.key = jobs[number - 1].spec.key >= 0 ? jobs[number - 1].spec.key : number - 1
                jobs[number - 1].spec.key = script.spec.key
                script.submittedAt = jobs[number - 1].submittedAt + dice.roll(2) * dice.roll(1500)
            }
            chooseBehaviour(&script, &dice)
            jobs.append(script)
        }
        capacity = count
        for number in 0..<count where jobs[number].first == .fanOut {
            jobs[number].family = capacity
            // A redriven parent would make other children, whose numbers nobody has set aside.
            jobs[number].isRedriven = false
            capacity += 3
        }
    }

    private func chooseBehaviour(_ script: inout JobScript, _ dice: inout Dice) {
        script.work = dice.once(in: 6) ? 2000 + dice.roll(9000) : 10 + dice.roll(800)
        script.childFails = dice.once(in: 3)
        switch dice.roll(24) {
        case 0...1: script.first = .report
        case 2...4: script.first = .retry
        case 5...7: script.first = .snooze
        case 8: script.first = .rateLimit
        case 9: script.first = .fail
        case 10: script.first = dice.once(in: 4) ? .machinePoison : .poison
        case 11...12: script.first = .fanOut
        case 13: script.first = .ignoreCancel
        default: break
        }
        if dice.once(in: 4) { script.second = [.retry, .snooze, .fail, .report][dice.roll(4)] }
        if dice.once(in: 5) { script.cancelledAt = script.submittedAt + dice.roll(dice.once(in: 2) ? 300 : 4000) }
        if dice.once(in: 2) { script.failPolicy = .failFast }
        script.isRedriven = dice.once(in: 2)
    }

    /// None in a few worlds, mostly one to three, at times a storm.
    private mutating func makeFaults(_ dice: inout Dice) {
        let count = dice.once(in: 8) ? 0 : dice.once(in: 6) ? 4 + dice.roll(6) : 1 + dice.roll(3)
        for _ in 0..<count {
            guard let kind = Fault.Kind(rawValue: UInt8(dice.roll(Fault.Kind.allCases.count))) else { continue }
            var fault = Fault(kind: kind, at: dice.roll(dice.once(in: 3) ? 12_000 : 3000), target: dice.roll(3))
            switch kind {
            case .freezeWorker, .freezeScheduler:
                fault.length = dice.once(in: 2) ? dice.roll(4000) : 8000 + dice.roll(8000)
            case .killWorker, .stopWorker, .killScheduler: fault.length = 100 + dice.roll(2500)
            case .loseRedis, .restartRedis, .stopPostgres:
                fault.length = 100 + dice.roll(dice.once(in: 3) ? 14_000 : 2000)
            case .staleRedis, .stallPostgres: fault.length = 50 + dice.roll(4000)
            case .delayMessage, .doubleMessage: fault.length = dice.once(in: 2) ? 1 + dice.roll(300) : dice.roll(14_000)
            case .killAPI, .flushRedis, .loseMessage, .loseAnswer: break
            }
            if kind.isOfMessage { fault.at = dice.roll(dice.once(in: 2) ? 20 : 120) }
            faults.append(fault)
        }
    }
}
