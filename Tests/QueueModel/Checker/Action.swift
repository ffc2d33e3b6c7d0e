/// One step that somebody in a checked world can take.
struct Action: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        case accept, acceptAndRing, cancel, cancelAsRead
        case deliver, loseLetter, loseAnswer
        case take, ringMarked, reclaim, dropPending, unmarkStale, unmarkFlawed
        case noticeLoss, startGeneration, setToken, unmarkOlder
        case promote, reap, takeBackAsRead, readExpired
        case read, claim, claimWithoutAnswer, acknowledge, claimDirectly, beat
        case succeed, endCancelled, snooze, retry, handBack, sendAgain
        case crashWorker, crashKeeper, flush, tick
    }

    var kind: Kind
    /// A job, a worker, or a letter.
    var subject = 0

    /// Whether somebody may be counted on to take this step once faults have stopped.
    var isReliable: Bool {
        switch kind {
        case .loseLetter, .loseAnswer, .claimWithoutAnswer, .crashWorker, .crashKeeper, .flush, .cancel: false
        default: true
        }
    }

    /// What happens, said before it does.
    func words(in state: ProtocolState) -> String {
        switch kind {
        case .accept: "job \(subject) is accepted"
        case .acceptAndRing: "job \(subject) is accepted, to be rung by the one who accepted it"
        case .cancel: "a caller cancels job \(subject)"
        case .cancelAsRead: "the cancel of job \(subject) is written as the job was read"
        case .deliver: "\(state.letters[subject].words) is carried out"
        case .loseLetter: "\(state.letters[subject].words) is lost"
        case .loseAnswer: "\(state.letters[subject].words) is carried out, its answer is lost"
        case .take: "the keeper marks the next job as rung"
        case .ringMarked: "the keeper rings what it has marked"
        case .reclaim: "the keeper rings again what was read and not acknowledged"
        case .dropPending: "the keeper deletes dead readers with what they held"
        case .unmarkStale, .unmarkFlawed: "the keeper unmarks rings that are too old"
        case .noticeLoss: "the keeper finds its token gone"
        case .startGeneration: "the keeper starts a new generation"
        case .setToken: "the keeper writes the new token"
        case .unmarkOlder: "the keeper unmarks what older generations had rung"
        case .promote: "due jobs are made ready"
        case .reap: "the reaper takes back what has expired"
        case .readExpired: "the reaper reads what has expired"
        case .takeBackAsRead: "the reaper takes back what it has read"
        case .read: "worker \(subject) reads an entry"
        case .claim: "worker \(subject) claims job \(state.hands[subject].job), which it has read"
        case .claimWithoutAnswer: "worker \(subject) claims what it has read, and the answer is lost"
        case .acknowledge: "worker \(subject) acknowledges its entry"
        case .claimDirectly: "worker \(subject) claims straight from the ledger"
        case .beat: "worker \(subject) beats"
        case .succeed: "worker \(subject) sends its success"
        case .endCancelled: "worker \(subject) sends that it has stopped as told"
        case .snooze: "worker \(subject) sends a snooze"
        case .retry: "worker \(subject) sends a failure to be retried"
        case .handBack: "worker \(subject) sends its job back"
        case .sendAgain: "worker \(subject) sends once more"
        case .crashWorker: "worker \(subject) is killed and started anew"
        case .crashKeeper: "the keeper is killed and started anew"
        case .flush: "Redis is flushed"
        case .tick: "time passes"
        }
    }
}

extension Message {
    fileprivate var words: String {
        switch operation {
        case .ring: "the ring of job \(job)"
        case .complete: "the end of job \(job) as \(outcome) under epoch \(epoch)\(repeated ? ", sent again," : "")"
        default: "the release of job \(job) under epoch \(epoch)\(repeated ? ", sent again," : "")"
        }
    }
}
