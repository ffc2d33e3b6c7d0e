/// One small world: processes, two stores, messages between them, and what goes wrong, in virtual time.
///
/// Everything follows from the plan and the flaw; running it twice does the same twice.
package struct World: Sendable {
    /// Jobs of the simulator stand in one lane: lanes never meet in the ledger.
    static let lane = 2
    /// After the last fault, the longest way to an end: two deaths, a lost ring, and pauses.
    static let patience = 100_000
    static let recovery = 15_000
    /// From a loss of Redis' data, or the latest trouble after it, until everything is rung again.
    static let ringing = 5000

    package let plan: WorldPlan
    let flaw: Flaw
    let timing = Timing.production

    package internal(set) var ledger: MemoryLedger
    var doorbell = MemoryDoorbell()
    var dice: Dice
    var queue = EventQueue()
    package internal(set) var now: Moment = 0

    // Processes: API first, then workers, then schedulers.
    var processes: [Process] = []
    var workers: [Worker] = []
    var schedulers: [SchedulerState] = []
    var owners = 0

    // Faults
    var messageFaults: [Fault] = []
    var nextMessageFault = 0
    package internal(set) var messages = 0
    var lateMessages: [Message] = []
    var redisBackAt: Moment = 0
    var postgresBackAt: Moment = 0
    var stalledUntil: Moment = 0
    var stored = MemoryDoorbell()
    /// When Redis last lost its data, token and all; -1: never.
    var forgottenAt: Moment = -1
    /// The last moment at which anything was wrong.
    var disturbedAt: Moment = 0
    /// Events still to come from outside: callers, faults, late messages.
    var outside = 0

    var oracle: Oracle
    /// Rings that no keeper has counted against the window.
    var extraRings = 0

    /// What happened, in words; only filled while a counterexample is shown.
    package internal(set) var story: [String] = []
    let tellsStory: Bool
    package internal(set) var seen = Occurrences()

    package init(_ plan: WorldPlan, flaw: Flaw = .none, tellsStory: Bool = false) {
        self.plan = plan
        self.flaw = flaw
        self.tellsStory = tellsStory
        ledger = MemoryLedger(capacity: plan.capacity, flaw: flaw)
        oracle = Oracle(capacity: plan.capacity, timing: timing)
        dice = Dice(seed: plan.noise)
        doorbell.token = ledger.generation
        startProcesses()
        planEvents()
    }

    /// Runs to the end, or to the first violation.
    package mutating func run() -> Violation? {
        while oracle.broken == nil {
            let (moment, event) = queue.next()
            now = max(now, moment)
            handle(event)
            if outside == 0, oracle.liveJobs == 0, areHandsEmpty { break }
        }
        if oracle.broken == nil { checkAudit() }
        return oracle.broken.map { Violation(invariant: $0.invariant, job: $0.job, at: now) }
    }

    private var areHandsEmpty: Bool {
        for worker in 0..<workers.count where !workers[worker].held.isEmpty || workers[worker].claiming > 0 {
            return false
        }
        return true
    }

    private mutating func handle(_ event: Event) {
        let process = event.process
        if process >= 0 {
            if processes[process].start != event.start { return }
            if processes[process].frozenUntil > now {
                queue.add(event, at: processes[process].frozenUntil + dice.roll(50), &dice)
                return
            }
        }
        switch event.step {
        case .accept, .acceptSlowly, .insertUnchecked, .ring, .cancel, .cancelAsRead, .redrive: stepAPI(event)
        case .read, .claim, .acknowledge, .finish, .report, .beat, .handBack: stepWorker(event)
        case .round: stepScheduler(process, phase: event.first)
        case .pause, .resume: stepOperator(event)
        case .fault, .heal, .late, .restart: stepFault(event)
        }
    }

    /// Plans a step of a process that is to happen only if it still lives.
    mutating func later(_ step: Step, of process: Int, in delay: Int, _ first: Int = 0, _ second: Int = 0) {
        let event = Event(step: step, process: process, start: processes[process].start, first: first, second: second)
        queue.add(event, at: now + delay, &dice)
    }

    /// Plans something from outside.
    mutating func planOutside(_ step: Step, at moment: Moment, _ first: Int = 0, _ second: Int = 0) {
        outside += 1
        queue.add(Event(step: step, first: first, second: second), at: moment, &dice)
    }

    /// How long a message takes, mostly.
    mutating func hop() -> Int { 1 + dice.roll(12) }

    /// Something is wrong until then.
    mutating func disturb(until moment: Moment) {
        disturbedAt = max(disturbedAt, moment)
    }

    mutating func tell(_ text: @autoclosure () -> String) {
        if tellsStory { story.append("\(now) ms: \(text())") }
    }
}
