import Contract

extension Timestamp {
    /// 2006-01-01T00:00:00Z: EC2 has no machine and no disk that is older.
    private static let beforeEC2 = Timestamp(seconds: 1_136_073_600)

    /// Whether anything of EC2 can have happened then: the epoch is what a missing number becomes, and no reason to delete.
    func isPlausible(at now: Timestamp) -> Bool { self >= Self.beforeEC2 && self <= now }
}
