extension ProtocolState {
    /// The most entries the keeper lets stand in the stream: one, and a repeated one.
    private static let window = 2

    private var flaw: Flaw { ledger.flaw }

    /// Every step that somebody could take now.
    func enabled() -> [Action] {
        var actions: [Action] = []
        addCallers(&actions)
        addLetters(&actions)
        addKeeper(&actions)
        for worker in 0..<hands.count { addWorker(worker, &actions) }
        if flushesLeft > 0 { actions.append(Action(kind: .flush)) }
        actions.append(Action(kind: .tick))
        return actions
    }

    private func addCallers(_ actions: inout [Action]) {
        for job in 0..<ledger.rows.count {
            if ledger.rows[job].state == .absent {
                // In order: which of two equal jobs comes first makes no difference.
                actions.append(Action(kind: .accept, subject: job))
                actions.append(Action(kind: .acceptAndRing, subject: job))
                break
            }
            if cancelsLeft > 0, waitingAsRead < 0 { actions.append(Action(kind: .cancel, subject: job)) }
        }
        if waitingAsRead >= 0 { actions.append(Action(kind: .cancelAsRead, subject: waitingAsRead)) }
    }

    private func addLetters(_ actions: inout [Action]) {
        for letter in 0..<letters.count {
            actions.append(Action(kind: .deliver, subject: letter))
            if lossesLeft > 0 {
                actions.append(Action(kind: .loseLetter, subject: letter))
                if letters[letter].operation != .ring { actions.append(Action(kind: .loseAnswer, subject: letter)) }
            }
        }
    }

    private func addKeeper(_ actions: inout [Action]) {
        let neverLooksBack =
            flaw == .acknowledgesBeforeClaim || flaw == .dropsPendingEntries || flaw == .ignoresRedisLoss
        if marked >= 0 {
            actions.append(Action(kind: .ringMarked))
            if crashesLeft > 0 { actions.append(Action(kind: .crashKeeper)) }
        } else if doorbell.entries.count < Self.window, ledger.nextUnrung(lane: 2) >= 0 {
            actions.append(Action(kind: .take))
        }
        if flaw == .dropsPendingEntries {
            actions.append(Action(kind: .dropPending))
        } else if flaw != .acknowledgesBeforeClaim {
            actions.append(Action(kind: .reclaim))
        }
        if !neverLooksBack { actions.append(Action(kind: .unmarkStale)) }
        addRepair(&actions)
        actions.append(Action(kind: .promote))
        if flaw == .reapsWithoutEpoch {
            actions.append(Action(kind: expiredAsRead >= 0 ? .takeBackAsRead : .readExpired))
        } else {
            actions.append(Action(kind: .reap))
        }
    }

    private func addRepair(_ actions: inout [Action]) {
        switch repair {
        case .none:
            if doorbell.token != ledger.generation, flaw != .ignoresRedisLoss {
                actions.append(Action(kind: .noticeLoss))
            }
        case .startGeneration: actions.append(Action(kind: .startGeneration))
        case .setToken: actions.append(Action(kind: .setToken))
        case .unmarkOlder: actions.append(Action(kind: .unmarkOlder))
        }
    }

    private func addWorker(_ worker: Int, _ actions: inout [Action]) {
        func add(_ kind: Action.Kind) { actions.append(Action(kind: kind, subject: worker)) }
        if hands[worker].entry != 0, hands[worker].phase != .read || flaw == .acknowledgesBeforeClaim {
            add(.acknowledge)
        }
        switch hands[worker].phase {
        case .idle:
            if hands[worker].entry == 0, doorbell.hasUnread() { add(.read) }
        case .read:
            if flaw != .acknowledgesBeforeClaim || hands[worker].entry == 0 {
                add(.claim)
                if lossesLeft > 0 { add(.claimWithoutAnswer) }
            }
        case .working:
            add(.beat)
            if hands[worker].isCancelled { add(.endCancelled) }
            // A handler may not have looked at the wish to cancel yet.
            add(.succeed)
            if snoozesLeft > 0 { add(.snooze) }
            if retriesLeft > 0 { add(.retry) }
            if handBacksLeft > 0 { add(.handBack) }
        case .waiting:
            add(.beat)
            let isOnItsWay = letters.contains { $0.claim == hands[worker].claim && $0.operation != .ring }
            if !isOnItsWay || doublesLeft > 0 { add(.sendAgain) }
        }
        if crashesLeft > 0, hands[worker].phase != .idle { add(.crashWorker) }
    }
}
