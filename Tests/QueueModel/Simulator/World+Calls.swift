/// Messages to the stores: they may be lost before or after they were carried out, come late, or come twice.
extension World {
    /// Sends a message and hears the answer, or nothing.
    mutating func call(_ message: Message) -> Answer {
        messages += 1
        if message.operation.isForRedis {
            if now < redisBackAt { return .nothing }
        } else {
            if now < postgresBackAt { return .nothing }
            if now < stalledUntil {
                carryOutLate(message, in: stalledUntil - now + dice.roll(5))
                return .nothing
            }
        }
        if nextMessageFault < messageFaults.count, messageFaults[nextMessageFault].at < messages {
            return callWithFault(message)
        }
        return perform(message)
    }

    private mutating func callWithFault(_ message: Message) -> Answer {
        let fault = messageFaults[nextMessageFault]
        nextMessageFault += 1
        trouble(message, until: now + fault.length)
        tell("fault: \(message.operation) of job \(message.job): \(fault.kind)")
        switch fault.kind {
        case .loseAnswer:
            _ = perform(message)
            return .nothing
        case .delayMessage:
            carryOutLate(message, in: fault.length)
            return .nothing
        case .doubleMessage:
            carryOutLate(message, in: fault.length)
            return perform(message)
        default: return .nothing
        }
    }

    private mutating func carryOutLate(_ message: Message, in delay: Int) {
        var message = message
        // It began now, and is committed late: the worst of what a slow transaction may have read.
        message.clock = ledger.clockNow(lane: Self.lane)
        lateMessages.append(message)
        planOutside(.late, at: now + delay, lateMessages.count - 1)
    }

    mutating func arriveLate(_ index: Int) {
        outside -= 1
        disturb(until: now)
        let message = lateMessages[index]
        let isAway = now < (message.operation.isForRedis ? redisBackAt : postgresBackAt)
        if isAway { return }
        seen.note(.lateMessage)
        tell("comes late: \(message.operation) of job \(message.job)")
        if message.operation == .ring || message.operation == .read { extraRings += 1 }
        _ = perform(message)
    }

    /// Remembers that a worker may rightly have lost something.
    private mutating func trouble(_ message: Message, until moment: Moment) {
        disturb(until: moment)
        for worker in 0..<workers.count where workers[worker].owner == message.owner {
            workers[worker].troubledUntil = max(workers[worker].troubledUntil, moment)
        }
    }
}
