/// One item of a list that could not be used.
///
/// The rest of the list still counts.
package struct ItemProblem: Sendable, Hashable {
    /// The path of the item or of the field within it.
    package let field: String
    package let code: String
    package let message: String

    package init(field: String, code: String, message: String) {
        self.field = field
        self.code = code
        self.message = message
    }

    package init(_ error: APIError, at reader: JSONReader) {
        self.init(
            field: error.field ?? reader.path.description,
            code: error.code.rawValue,
            message: error.message
        )
    }

    package var json: JSONValue {
        ["field": .string(field), "code": .string(code), "message": .string(message)]
    }
}

extension JSONReader {
    /// Reads a list item by item and sets the malformed ones aside.
    ///
    /// - Parameter read: Reads one item; what it throws becomes that item's problem.
    /// - Returns: The readable items in order, and a problem for each other one.
    /// - Throws: Only when the value itself is no list.
    package func items<Item>(
        _ read: (JSONReader) throws(APIError) -> Item
    ) throws(APIError) -> (items: [Item], problems: [ItemProblem]) {
        var items: [Item] = []
        var problems: [ItemProblem] = []
        for element in try elements() {
            do throws(APIError) {
                items.append(try read(element))
            } catch {
                problems.append(ItemProblem(error, at: element))
            }
        }
        return (items, problems)
    }
}
