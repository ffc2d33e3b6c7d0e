import Synchronization

/// A value that several tasks of a test share.
final class Box<Value: Sendable>: Sendable {
    private let guarded: Mutex<Value>

    init(_ value: Value) { guarded = Mutex(value) }

    var value: Value {
        get { guarded.withLock { $0 } }
        set { guarded.withLock { $0 = newValue } }
    }

    func change(_ body: (inout Value) -> Void) {
        guarded.withLock { body(&$0) }
    }
}

extension Box {
    func take<Wrapped>() -> Wrapped? where Value == Wrapped? {
        guarded.withLock { value in
            defer { value = nil }
            return value
        }
    }
}
