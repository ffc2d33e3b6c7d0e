import Synchronization

/// A value that several tasks of a test share.
final class Box<Value: Sendable>: Sendable {
    private let guarded: Mutex<Value>

    init(_ value: Value) { guarded = Mutex(value) }

    var value: Value { guarded.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        guarded.withLock { body(&$0) }
    }
}
