/// What was read out of a description by AWS: the usable items, and a problem for each other one.
package struct AWSListing<Item: Sendable & Hashable>: Sendable, Hashable {
    /// In the order they came, each id once.
    package var items: [Item] = []
    package var problems: [ItemProblem] = []
    /// Identifiers of items that could not be read, as far as legible, or that come twice with different content.
    package var unreadable: [String] = []
    /// The description says that there is more which was not sent.
    package var isIncomplete = false

    package init() {}
}

/// Finds the items of a description in whichever shape it came.
///
/// AWS prints a document with one list (`{"Volumes": […]}`), instances a level deeper (`Reservations[].Instances[]`).
/// Callers also send the bare list, one item, several documents in a list, or a map from ids to items.
struct AWSListingReader<Item: Sendable & Hashable> {
    /// Members that hold further lists or documents.
    let wrappers: [String]
    /// Members that tell an item from a document around items; the first that is there is the id.
    let identifiers: [String]
    let read: (JSONReader) throws(APIError) -> Item
    /// Empty for an item that has none; such items are never duplicates.
    let id: (Item) -> String

    private static var deepest: Int { 6 }

    func callAsFunction(_ reader: JSONReader) -> AWSListing<Item> {
        var collection = Collection()
        visit(reader, &collection, depth: 0)
        collection.listing.problems = collection.log.all
        return collection.listing
    }

    private struct Collection {
        var listing = AWSListing<Item>()
        var log = ProblemLog()
        var positions: [String: Int] = [:]

        /// Makes room for a list; of many short ones each finds what the last has left.
        mutating func reserve(_ count: Int) {
            guard count > 1000 else { return }
            listing.items.reserveCapacity(listing.items.count + count)
            positions.reserveCapacity(positions.count + count)
        }
    }

    private func visit(_ reader: JSONReader, _ collection: inout Collection, depth: Int) {
        guard depth < Self.deepest else { return complain(reader, reader.invalid("is nested too deep"), &collection) }
        switch reader.value {
        case .null where depth == 0: return
        case .array(let elements):
            collection.reserve(elements.count)
            for index in elements.indices {
                let element = JSONReader(elements[index], path: .index(reader.path, index))
                visit(element, &collection, depth: depth + 1)
            }
        case .object(let object): visit(object, reader, &collection, depth: depth)
        default: take(reader, &collection)
        }
    }

    private func visit(_ object: JSONObject, _ reader: JSONReader, _ collection: inout Collection, depth: Int) {
        if case .string(let token) = object["NextToken"], !token.isEmpty {
            collection.listing.isIncomplete = true
            let message = "the description goes on behind a NextToken; send all of its pages"
            collection.log.add(ItemProblem(field: reader.path.description, code: "incomplete_list", message: message))
        }
        var isAround = false
        for key in wrappers {
            guard let list = object[key] else { continue }
            isAround = true
            visit(JSONReader(list, path: .key(reader.path, key)), &collection, depth: depth + 1)
        }
        if isAround { return }
        if identifiers.contains(where: { object[$0] != nil }) {
            take(reader, &collection)
        } else if depth == 0, isMap(object) {
            for member in object.members { visitKeyed(member, reader, &collection) }
        } else if !object.isEmpty || depth > 0 {
            take(reader, &collection)
        }
    }

    private func isMap(_ object: JSONObject) -> Bool {
        !object.isEmpty && object.members.allSatisfy { $0.key.contains("-") && $0.value.object != nil }
    }

    /// An item under its id; the id is put where the reader looks for it.
    private func visitKeyed(_ member: JSONObject.Member, _ reader: JSONReader, _ collection: inout Collection) {
        guard case .object(var object) = member.value, let name = identifiers.first else { return }
        if !identifiers.contains(where: { object[$0] != nil }) { object[name] = .string(member.key) }
        take(JSONReader(.object(object), path: .key(reader.path, member.key)), &collection)
    }

    private func take(_ reader: JSONReader, _ collection: inout Collection) {
        let item: Item
        do throws(APIError) {
            item = try read(reader)
        } catch {
            return complain(reader, error, &collection)
        }
        let id = id(item)
        guard !id.isEmpty, let earlier = collection.positions[id] else {
            collection.positions[id] = collection.listing.items.count
            collection.listing.items.append(item)
            return
        }
        let isSame = collection.listing.items[earlier] == item
        if !isSame { doubt(id, &collection) }
        let message = "\(id) comes twice\(isSame ? "" : " and differs"); the first counts"
        collection.log.add(ItemProblem(field: reader.path.description, code: "duplicate", message: message))
    }

    private func complain(_ reader: JSONReader, _ error: APIError, _ collection: inout Collection) {
        collection.log.add(ItemProblem(error, at: reader))
        for name in identifiers {
            guard let text = reader.value[name]?.string, !text.isEmpty, JSONFields.nameFault(text) == nil else {
                continue
            }
            return doubt(text, &collection)
        }
    }

    private func doubt(_ id: String, _ collection: inout Collection) {
        // As many as there are items at most; a bound on memory all the same.
        if collection.listing.unreadable.count < 10_000 { collection.listing.unreadable.append(id) }
    }
}
