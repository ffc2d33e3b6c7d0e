package import Contract

/// How a decision that was only tried differs from the one that was given.
package struct DecisionDifference: Sendable, Hashable {
    /// A list that long shows what is going on; the counts are complete.
    private static let listed = 10

    package let isSame: Bool
    /// USD per month.
    package let savingsGiven: Double
    /// USD per month.
    package let savingsTried: Double
    package let json: JSONValue

    package init(given: Decision, tried: Decision) {
        let recommendations = Self.lists(
            given.recommendations.map(Self.plain),
            tried.recommendations.map(Self.plain)
        )
        let steps = Self.lists(given.plan.map { $0.json(number: 0) }, tried.plan.map { $0.json(number: 0) })
        savingsGiven = given.estimatedSavings
        savingsTried = tried.estimatedSavings
        isSame =
            recommendations.isSame && steps.isSame && given.confidence == tried.confidence
            && savingsGiven == savingsTried
        json = [
            "recommendations": recommendations.json,
            "execution_plan": steps.json,
            "confidence_score": ["given": .rounded(given.confidence, 4), "shadow": .rounded(tried.confidence, 4)],
            "estimated_savings": ["given": .rounded(savingsGiven, 2), "shadow": .rounded(savingsTried, 2)],
        ]
    }

    /// Without the mark that only custom engines get.
    private static func plain(_ item: JSONValue) -> JSONValue {
        guard var object = item.object else { return item }
        object["figures_from"] = nil
        return .object(object)
    }

    private static func lists(_ given: [JSONValue], _ tried: [JSONValue]) -> (isSame: Bool, json: JSONValue) {
        let givenTexts = given.map(\.comparable)
        let triedTexts = tried.map(\.comparable)
        let (givenSet, triedSet) = (Set(givenTexts), Set(triedTexts))
        let dropped = zip(given, givenTexts).filter { !triedSet.contains($0.1) }.map(\.0)
        let added = zip(tried, triedTexts).filter { !givenSet.contains($0.1) }.map(\.0)
        return (
            givenTexts == triedTexts,
            [
                "given": .integer(Int64(given.count)), "shadow": .integer(Int64(tried.count)),
                "only_given": .integer(Int64(dropped.count)), "only_shadow": .integer(Int64(added.count)),
                "same_order": .bool(givenTexts == triedTexts),
                "only_given_first": .array(Array(dropped.prefix(listed))),
                "only_shadow_first": .array(Array(added.prefix(listed))),
            ]
        )
    }
}
