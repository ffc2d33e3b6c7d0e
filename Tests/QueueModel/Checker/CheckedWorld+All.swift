extension CheckedWorld {
    private static func world(_ name: String, _ change: (inout CheckedWorld) -> Void) -> CheckedWorld {
        var world = CheckedWorld(name)
        change(&world)
        return world
    }

    /// Explored in every run of the tests: one job, two workers, and one kind of fault each.
    package static let small: [CheckedWorld] = [
        world("leases only: workers may freeze for as long as they like") { _ in },
        world("a worker or the keeper is killed") { $0.crashes = 1 },
        world("Redis loses its data") {
            $0.flushes = 1
            $0.workers = 1
        },
        world("a message or its answer is lost") { $0.losses = 1 },
        world("a caller cancels") { $0.cancels = 1 },
    ]

    /// Explored in a soak: two kinds of faults at once, and two jobs.
    package static let large: [CheckedWorld] = [
        world("a snooze, and a message sent twice") {
            $0.snoozes = 1
            $0.doubles = 1
        },
        world("a hand-back, and a cancel") {
            $0.handBacks = 1
            $0.cancels = 1
        },
        world("a crash, and a cancel") {
            $0.crashes = 1
            $0.cancels = 1
        },
        world("a crash, and a lost message") {
            $0.crashes = 1
            $0.losses = 1
        },
        world("a crash, and Redis loses its data") {
            $0.crashes = 1
            $0.flushes = 1
        },
        world("a retry, a lost message, and a cancel") {
            $0.retries = 1
            $0.losses = 1
            $0.cancels = 1
        },
        world("two jobs, two workers") { $0.jobs = 2 },
    ]

    /// The smallest world in which the checker can find a flaw; nil where the flaw is beyond what it models.
    package static func world(showing flaw: Flaw) -> CheckedWorld? {
        var world = CheckedWorld("\(flaw)")
        world.flaw = flaw
        switch flaw {
        case .completesByStateOnly, .reapsWithoutEpoch, .reapsByOwnClock, .beatsByID: break
        case .epochResetOnHandBack: world.handBacks = 1
        case .fenceIsAttempt:
            world.snoozes = 1
            world.doubles = 1
        case .acknowledgesBeforeClaim, .dropsPendingEntries: world.crashes = 1
        case .ignoresRedisLoss: world.flushes = 1
        case .cancelsAsRead, .claimsCancelled, .releaseForgetsCancel, .succeedsAfterCancel: world.cancels = 1
        case .none, .tokenBeforeUnmark, .reapsWithoutGate, .chargesTheLiving, .checksKeyOutside,
            .acceptsEndedAgain,
            .countsChildTwice,
            .progressByID, .forgetsHeld, .returnsBelowFloor, .liftsNobody:
            return nil
        }
        return world
    }
}
