/// Sixty-four bits that stand for a state.
///
/// Two states with one fingerprint would hide one of them: with a million states that has a chance of about one in
/// forty million. What cannot matter any more is left out, so that a finite number of states remains: moments count
/// from now, epochs from the row's, processes by their place, and everything old is equally old.
extension ProtocolState {
    func fingerprint() -> UInt64 {
        var hash = Fingerprint()
        for job in 0..<ledger.rows.count { add(ledger.rows[job], job, &hash) }
        for entry in 0..<doorbell.entries.count {
            let reader = doorbell.entries[entry].reader
            hash.add(doorbell.entries[entry].job, reader < 0 ? 0 : isAnybody(reader) ? 1 : 2, 0, 1)
        }
        // Workers are alike, and letters are carried out in any order: their sums have no order.
        var sum: UInt64 = 0
        for hand in 0..<hands.count { sum = sum &+ fingerprint(of: hands[hand]) }
        for letter in 0..<letters.count { sum = sum &+ fingerprint(of: letters[letter]) }
        hash.mix(sum)
        hash.add(doorbell.token == ledger.generation ? 1 : 0, marked, Int(repair.rawValue), 2)
        hash.add(repair == .none ? 0 : ledger.generation - lostGeneration, expiredAsRead, waitingAsRead, cancelsLeft)
        hash.add(crashesLeft, flushesLeft, lossesLeft, doublesLeft)
        hash.add(snoozesLeft, retriesLeft, handBacksLeft, 3)
        return hash.value
    }

    private func add(_ row: JobRow, _ job: JobNumber, _ hash: inout Fingerprint) {
        hash.add(Int(row.state.rawValue), row.attempt, row.crashCount, row.cancelRequested ? 1 : 0)
        let isOld = row.dispatchedAt >= 0 && row.dispatchGeneration < ledger.generation
        let left = row.state == .running ? max(row.leaseUntil - now, -1) : -2
        hash.add(row.dispatchedAt < 0 ? 0 : isOld ? 1 : 2, left, row.vtime, row.result)
        let isSeen = row.state == .running && ledger.isSeen(row.owner, now: now)
        let claimed = (oracle.ghosts[job].claim == 0 ? 0 : 1) + (oracle.ghosts[job].isCancelWanted ? 2 : 0)
        hash.add(isSeen ? 1 : 0, claimed, 0, 4)
    }

    /// A worker by what it holds, not by its name.
    private func fingerprint(of hand: Hand) -> UInt64 {
        var hash = Fingerprint()
        let entry = doorbell.entries.firstIndex { $0.sequence == hand.entry } ?? -1
        hash.add(Int(hand.phase.rawValue), hand.job, hand.entry == 0 ? -2 : entry, hand.isCancelled ? 1 : 0)
        if hand.phase == .working || hand.phase == .waiting {
            let isOwner = ledger.rows[hand.job].owner == hand.owner
            let code = hand.phase == .waiting ? code(of: hand.sent) : 0
            hash.add(age(ofEpoch: hand.epoch, hand.job), relation(hand.claim, hand.job), code, isOwner ? 1 : 0)
            var onTheirWay = 0
            for letter in 0..<letters.count where letters[letter].claim == hand.claim { onTheirWay += 1 }
            hash.add(seenAge(hand.owner), onTheirWay, 0, 6)
        }
        return hash.value
    }

    /// How long ago a process beat, as far as it matters.
    private func seenAge(_ owner: OwnerNumber) -> Int {
        guard owner < ledger.lastSeen.count, ledger.lastSeen[owner] >= 0 else { return -1 }
        return min(now - ledger.lastSeen[owner], ledger.timing.lease + 1)
    }

    private func fingerprint(of letter: Message) -> UInt64 {
        var hash = Fingerprint()
        hash.add(code(of: letter), letter.job, isAnybody(letter.owner) ? 1 : 0, letter.repeated ? 1 : 0)
        if letter.operation != .ring {
            hash.add(age(ofEpoch: letter.epoch, letter.job), relation(letter.claim, letter.job), 0, 5)
        }
        return hash.value
    }

    private func code(of letter: Message) -> Int {
        switch letter.how {
        case .handBack: break
        case .retry: return 50
        case .snooze: return 51
        case .rateLimited: return 52
        }
        return Int(letter.operation.rawValue) * 10 + (letter.operation == .complete ? Int(letter.outcome.rawValue) : 0)
    }

    private func isAnybody(_ owner: OwnerNumber) -> Bool {
        for hand in 0..<hands.count where hands[hand].owner == owner { return true }
        return false
    }

    /// How far an epoch is behind the row's.
    private func age(ofEpoch epoch: Int, _ job: JobNumber) -> Int {
        let newest = ledger.flaw == .fenceIsAttempt ? ledger.rows[job].attempt : ledger.rows[job].epoch
        return max(-3, min(3, newest - epoch))
    }

    /// Whether a claim is the job's newest, the one it ended under, or an old one.
    private func relation(_ claim: Int, _ job: JobNumber) -> Int {
        if claim == oracle.ghosts[job].claim { return 1 }
        return claim == oracle.ghosts[job].endedUnder ? 2 : 3
    }
}

/// A running hash of small numbers.
struct Fingerprint {
    private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Four small numbers, from -4 up.
    mutating func add(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int) {
        let packed = (first &+ 4) &+ (second &+ 4) << 16 &+ (third &+ 4) << 32 &+ (fourth &+ 4) << 48
        mix(UInt64(truncatingIfNeeded: packed))
    }

    mutating func mix(_ word: UInt64) {
        var mixed = (value ^ word) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 29)) &* 0x94D0_49BB_1331_11EB
        value = mixed ^ (mixed >> 32)
    }
}
