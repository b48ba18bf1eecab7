import ZLColumnar

/// string_agg.
enum TextAggregates {
    static let functions: [AggregateFunction] = [
        AggregateFunction(
            FunctionDescription("string_agg", .aggregate, aliases: ["listagg", "group_concat"], "Texts joined by a separator, a comma by default.", nullRule: .skips, example: "string_agg(x::VARCHAR, '-') FROM range(3) AS t(x)"),
            [[DataType.varchar], [.varchar, .varchar]].map { types in
                AggregateOverload("string_agg(VARCHAR [, separator]) -> VARCHAR", resolve: Signatures.fixed(types, .varchar)) { (_, constants) throws(ZLError) in
                    var separator = ","
                    if constants.count > 1 {
                        guard case .string(let text)? = constants[1] else {
                            throw ZLError(.binding, "constant_argument", "string_agg needs a constant separator")
                        }
                        separator = text
                    }
                    return JoinState(separator: separator)
                }
            }, isOrderSensitive: true)
    ]
}

private final class JoinState: AggregateState {
    private var texts: [ByteBuffer?] = []
    private let separator: String

    init(separator: String) { self.separator = separator }

    func grow(to groupCount: Int) { while texts.count < groupCount { texts.append(nil) } }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?) throws(ZLError) {
        let column = TextColumn(arguments[0])
        for row in 0..<count where !column.isNull(row) {
            let group = groups.map { Int($0[row]) } ?? 0
            if let text = texts[group] {
                text.append(text: separator)
                text.append(column.bytes(row))
            } else {
                let text = ByteBuffer()
                text.append(column.bytes(row))
                texts[group] = text
            }
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let builder = ColumnBuilder(type: .varchar, capacity: texts.count)
        for text in texts {
            if let text { builder.append(bytes: text.bytes) } else { builder.appendNull() }
        }
        return builder.finish()
    }
}
