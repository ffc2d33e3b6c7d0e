/// One cheaper machine for a set of nodes.
extension PackSearch {
    /// What the replacement must save of the price of the nodes it replaces: launching a machine for less is churn.
    private static let leastSavings = 0.05
    /// Karpenter looks at no more nodes at once.
    private static let mostNodes = 100

    /// Tries every kind of new node with ever longer lists of old ones, and carries the best out in the state.
    ///
    /// - Returns: Nothing when no replacement saves enough; the state is then as before.
    mutating func replace(_ catalogue: ReplacementCatalogue) -> Replacement? {
        var best: (saving: Int64, slot: Int, order: [Int])?
        for slot in model.nodeCount..<model.nodes.count {
            for order in orders(slot) {
                if steps.isExhausted { break }
                guard let found = bestPrefix(order, slot, catalogue), found.saving > best?.saving ?? 0 else { continue }
                best = (found.saving, slot, Array(order.prefix(found.count)))
            }
        }
        guard let best else { return nil }
        return carryOut(best.order, best.slot, catalogue)
    }

    /// Lists of nodes to give up, most promising first.
    private func orders(_ slot: Int) -> [[Int]] {
        let mayBeSpot = options.allowsSpotReplacement
        let nodes = candidates.filter { node in
            state.isAlive[node] && model.nodes[node].price != nil
                && (!model.nodes[slot].isSpot || model.nodes[node].isSpot || mayBeSpot)
        }
        func sorted(_ rank: (Int) -> Double) -> [Int] {
            let ranks = nodes.map { (node: $0, rank: rank($0)) }
            return ranks.sorted { $0.rank == $1.rank ? $0.node < $1.node : $0.rank > $1.rank }
                .prefix(Self.mostNodes).map(\.node)
        }
        let price = { (node: Int) in Double(model.nodes[node].price ?? 0) }
        return [
            sorted { price($0) / disruption($0) }, sorted { price($0) / (0.05 + load($0)) },
        ]
    }

    /// Gives the nodes up one after the other; what finds no place goes to the slot.
    private mutating func bestPrefix(
        _ order: [Int],
        _ slot: Int,
        _ catalogue: ReplacementCatalogue
    ) -> (saving: Int64, count: Int)? {
        let total = order.reduce(Int64(0)) { $0 + (model.nodes[$1].price ?? 0) }
        let widest = catalogue.widest(slot, below: total, dimensions: model.dimensions)
        guard widest.contains(where: { $0 > 0 }) else { return nil }
        let mark = state.mark
        state.addRoom(slot, widest, sign: 1)
        state.reopen(slot)
        var best: (saving: Int64, count: Int)?
        var given: Int64 = 0
        for (count, node) in order.enumerated() {
            guard remove(node) else { break }
            given += model.nodes[node].price ?? 0
            guard let offer = choose(slot, widest, given, order.prefix(count + 1), catalogue) else { continue }
            let saving = given - offer.offer.price
            if saving > best?.saving ?? 0 { best = (saving, count + 1) }
        }
        state.rollback(to: mark)
        state.addRoom(slot, widest, sign: -1)
        return best
    }

    private func choose(
        _ slot: Int,
        _ room: [Int64],
        _ given: Int64,
        _ nodes: ArraySlice<Int>,
        _ catalogue: ReplacementCatalogue
    ) -> (offer: ReplacementCatalogue.Offer, count: Int)? {
        let base = slot * model.dimensions
        let need = room.enumerated().map { $0.element - state.free[base + $0.offset] }
        let most = given - Int64(Double(given) * Self.leastSavings)
        guard let found = catalogue.cheapest(slot, needing: need, below: most) else { return nil }
        let isSpotForSpot = model.nodes[slot].isSpot && nodes.contains { model.nodes[$0].isSpot }
        if isSpotForSpot, found.count < ReplacementCatalogue.leastSpotTypes { return nil }
        return found
    }

    private mutating func carryOut(_ nodes: [Int], _ slot: Int, _ catalogue: ReplacementCatalogue) -> Replacement? {
        let total = nodes.reduce(Int64(0)) { $0 + (model.nodes[$1].price ?? 0) }
        let widest = catalogue.widest(slot, below: total, dimensions: model.dimensions)
        let mark = state.mark
        state.addRoom(slot, widest, sign: 1)
        state.reopen(slot)
        for node in nodes where !remove(node) { break }
        guard nodes.allSatisfy({ !state.isAlive[$0] }),
            let found = choose(slot, widest, total, nodes[...], catalogue)
        else {
            state.rollback(to: mark)
            state.addRoom(slot, widest, sign: -1)
            return nil
        }
        state.addRoom(slot, widest, sign: -1)
        state.addRoom(slot, found.offer.room, sign: 1)
        state.forgetJournal()
        return Replacement(
            slot: slot,
            spec: found.offer.spec,
            price: found.offer.price,
            priceOrigin: found.offer.origin,
            room: found.offer.room,
            replaced: nodes.sorted(),
            alternatives: found.count
        )
    }
}
