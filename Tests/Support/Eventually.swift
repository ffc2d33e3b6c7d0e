/// Asks again and again until the condition holds or the time is over; says whether it held.
package func eventually(
    within patience: Duration = .seconds(10),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + patience
    while true {
        if try await condition() { return true }
        if end <= .now { return false }
        // A pause between two looks; what is waited for is the condition, never this time.
        try? await Task.sleep(for: .milliseconds(5))
    }
}
