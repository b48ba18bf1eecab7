import ZLColumnar
import ZLFunctions

/// A bound expression whose columns are places in a chunk; evaluates vector by vector.
indirect enum PhysicalExpression: Sendable {
    case constant(ColumnVector)
    case column(Int)
    case call(BoundCall, [PhysicalExpression], range: Range<Int>?)
    case cast(PhysicalExpression, DataType, isTry: Bool, range: Range<Int>?)
    case and([PhysicalExpression])
    case or([PhysicalExpression])
    case not(PhysicalExpression)
    case isNull(PhysicalExpression)
    case distinctFrom(PhysicalExpression, PhysicalExpression, isNegated: Bool)
    case conditional([(condition: PhysicalExpression, result: PhysicalExpression)], otherwise: PhysicalExpression?, DataType)
    case inList(PhysicalExpression, [PhysicalExpression], equals: ScalarKernel, ResolvedSignature)
    case predict(any RowModel, [PhysicalExpression])

    /// - Throws: an internal error where the layout lacks a column.
    init(_ bound: BoundExpression, _ layout: ColumnLayout) throws(ZLError) {
        switch bound.kind {
        case .constant(let value):
            self = .constant(ColumnVector.constant(value, type: bound.type, count: 1))
        case .column(let id):
            self = .column(try layout.position(id))
        case .call(let call):
            self = .call(call, try PhysicalExpression.all(call.arguments, layout), range: bound.range)
        case .cast(let operand, let isTry):
            self = .cast(try PhysicalExpression(operand, layout), bound.type, isTry: isTry, range: bound.range)
        case .and(let operands):
            self = .and(try PhysicalExpression.all(operands, layout))
        case .or(let operands):
            self = .or(try PhysicalExpression.all(operands, layout))
        case .not(let operand):
            self = .not(try PhysicalExpression(operand, layout))
        case .isNull(let operand):
            self = .isNull(try PhysicalExpression(operand, layout))
        case .distinctFrom(let left, let right, let isNegated):
            self = .distinctFrom(
                try PhysicalExpression(left, layout), try PhysicalExpression(right, layout), isNegated: isNegated)
        case .conditional(let branches, let otherwise):
            var made: [(condition: PhysicalExpression, result: PhysicalExpression)] = []
            for branch in branches {
                made.append((try PhysicalExpression(branch.condition, layout), try PhysicalExpression(branch.result, layout)))
            }
            var last: PhysicalExpression?
            if let otherwise { last = try PhysicalExpression(otherwise, layout) }
            self = .conditional(made, otherwise: last, bound.type)
        case .inList(let operand, let candidates):
            let equality = try FunctionRegistry.shared.resolveScalar("=", [operand.type, operand.type])
            self = .inList(
                try PhysicalExpression(operand, layout), try PhysicalExpression.all(candidates, layout),
                equals: equality.overload.kernel, equality.signature)
        case .predict(let model, let features):
            self = .predict(model, try PhysicalExpression.all(features, layout))
        }
    }

    static func all(_ bound: [BoundExpression], _ layout: ColumnLayout) throws(ZLError) -> [PhysicalExpression] {
        var made: [PhysicalExpression] = []
        made.reserveCapacity(bound.count)
        for expression in bound { made.append(try PhysicalExpression(expression, layout)) }
        return made
    }
}

extension PhysicalExpression {
    /// The value for each row of the chunk, in any form.
    func evaluate(_ chunk: DataChunk) throws(ZLError) -> ColumnVector {
        switch self {
        case .constant(let one):
            return one.resized(to: chunk.rowCount)
        case .column(let position):
            return chunk.columns[position]
        case .call(let call, let arguments, let range):
            do { return try PhysicalExpression.evaluate(call, arguments, chunk) } catch { throw error.at(range) }
        case .cast(let operand, let type, let isTry, let range):
            let vector = try operand.evaluate(chunk)
            do { return try Cast.cast(vector, to: type, isTry: isTry) } catch { throw error.at(range) }
        case .and(let operands):
            return try Logic.combine(operands, chunk, decisive: 0)
        case .or(let operands):
            return try Logic.combine(operands, chunk, decisive: 1)
        case .not(let operand):
            return Logic.negate(try operand.evaluate(chunk))
        case .isNull(let operand):
            return Logic.isNull(try operand.evaluate(chunk))
        case .distinctFrom(let left, let right, let isNegated):
            return Logic.distinct(try left.evaluate(chunk), try right.evaluate(chunk), isNegated: isNegated)
        case .conditional(let branches, let otherwise, let type):
            return try Conditionals.evaluate(branches, otherwise: otherwise, type: type, chunk)
        case .inList(let operand, let candidates, let equals, let signature):
            return try Logic.isIn(try operand.evaluate(chunk), candidates, equals, signature, chunk)
        case .predict(let model, let features):
            return try PhysicalExpression.predict(model, features, chunk)
        }
    }

    private static func evaluate(
        _ call: BoundCall, _ arguments: [PhysicalExpression], _ chunk: DataChunk
    ) throws(ZLError) -> ColumnVector {
        var vectors: [ColumnVector] = []
        vectors.reserveCapacity(arguments.count)
        for argument in arguments { vectors.append(try argument.evaluate(chunk)) }
        let count = chunk.rowCount
        guard call.function.description.nullRule == .propagates, !vectors.isEmpty else {
            return try call.overload.kernel(vectors, count, call.signature)
        }
        if vectors.contains(where: { $0.form == .constant && $0.isNull(0) }) { return .nulls(call.signature.result, count: count) }
        if !call.function.isVolatile, vectors.allSatisfy({ $0.form == .constant }) {
            return try call.overload.kernel(vectors.map { $0.resized(to: 1) }, 1, call.signature).asConstant(count: count)
        }
        let result = try call.overload.kernel(vectors, count, call.signature)
        var validity: ValidityBitmap?
        for vector in vectors where vector.form != .constant {
            validity = ValidityBitmap.intersection(validity, vector.validity, count: count)
        }
        guard let validity else { return result }
        let spread = result.form == .constant || result.form == .sequence ? result.flattened() : result
        return spread.withValidity(ValidityBitmap.intersection(spread.validity, validity, count: count))
    }

    private static func predict(
        _ model: any RowModel, _ features: [PhysicalExpression], _ chunk: DataChunk
    ) throws(ZLError) -> ColumnVector {
        let count = chunk.rowCount
        var held: [ColumnVector] = []
        for feature in features { held.append(try feature.evaluate(chunk).nullsAsNaN()) }
        let buffer = Buffer(byteCount: max(16, count * 8))
        model.predict(held.map { $0.values(Double.self) }, rowCount: count, into: buffer.values(Double.self))
        return ColumnVector(type: .double, count: count, buffer: buffer)
    }
}

extension ColumnVector {
    /// The value of row 0 for `count` rows.
    func asConstant(count: Int) -> ColumnVector {
        if form == .constant { return resized(to: count) }
        return ColumnVector.constant(value(at: 0), type: type, count: count)
    }

    /// A flat DOUBLE vector with NaN where this one is NULL.
    func nullsAsNaN() -> ColumnVector {
        let flat = flattened()
        guard let validity = flat.validity else { return flat }
        let buffer = Buffer(byteCount: max(16, count * 8))
        let target = buffer.values(Double.self)
        let source = flat.values(Double.self)
        for row in 0..<count { target[row] = validity.isValid(row) ? source[row] : .nan }
        return ColumnVector(type: .double, count: count, buffer: buffer)
    }
}
