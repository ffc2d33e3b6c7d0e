import Contract
import Models
import Support
import Testing

@testable import Predictions

@Suite("Rows of a request")
struct RowReaderTests {
    private func reader(_ metadata: JSONObject = ["feature_columns": ["a", "b"]]) throws -> RowReader {
        RowReader(try LoadedModel.read(LinearPickle.file([1, 2], intercept: 0)), metadata: metadata)
    }

    private func rows(_ text: String) throws -> [JSONReader] { try JSONReader(try JSONParser.parse(text)).elements() }

    @Test("lists and objects are the same rows; the order of names in an object does not matter")
    func shapes() throws {
        let lists = try reader().read(try rows("[[1, 2], [3, 4]]"))
        #expect(try reader().read(try rows(#"[{"b": 2, "a": 1}, {"a": 3, "b": 4}]"#)) == lists)
        #expect(lists.rows == 2)
        #expect(lists.columns == 2)
    }

    @Test(
        "a row that does not fit is refused with what is wrong with it",
        arguments: [
            ("[]", "1 to"), ("[[1]]", "1 values"), ("[[1, 2, 3]]", "3 values"), ("[[1, 2], [1]]", "1 values"),
            (#"[{"a": 1}]"#, "no b"), (#"[{"a": 1, "b": 2, "c": 3}]"#, "c, which is no feature"), ("[7]", "object"),
            (#"[[1, [2]]]"#, "no number"),
        ]
    )
    func refusals(_ text: String, _ word: String) throws {
        let error = #expect(throws: APIError.self) { _ = try reader().read(try rows(text)) }
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test("a declared range is enforced, and a name that the model does not have makes no schema")
    func ranges() throws {
        let schema: JSONObject = ["input_schema": [["name": "a", "min": 0, "max": 1], ["name": "b"]]]
        #expect(try reader(schema).read(try rows("[[1, 200]]")).rows == 1)
        let error = #expect(throws: APIError.self) { _ = try reader(schema).read(try rows("[[1.5, 0]]")) }
        #expect(error?.message.contains("outside of 0.0 to 1.0") == true)
        #expect(try reader(["feature_columns": ["a", "b", "c"]]).featureNames == nil, "three names for two features")
    }

    @Test("null is a missing value, and a text makes cells of all")
    func cells() throws {
        let missing = try reader().read(try rows("[[null, 1]]"))
        guard case .number(let number) = missing[0, 0] else { throw SupportError("no number") }
        #expect(number.isNaN)
        let texts = try reader().read(try rows(#"[[1, 2], ["x", 3]]"#))
        #expect(texts[1, 0] == .text("x"))
        #expect(texts[0, 1] == .number(2))
    }
}
