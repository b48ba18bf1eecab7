import ZLBoost
import ZLColumnar

/// How the catalog keeps a model: named sections of text, each behind a line with its name and length in bytes.
///
///     zlsql model 1
///     description 312
///     <312 bytes: one `key value` a line>
///     figures 840
///     <one line of fields a fold>
///     history 9120
///     <a fold's `MetricHistory.text`, behind a line `fold n` or `whole`>
///     trees 81230
///     <LightGBM's text>
///
/// Line ends and backslashes in values are escaped. Numbers read back to the same bits.
extension StoredModel {
    private static let header = "zlsql model 1"

    var payload: [UInt8] {
        var bytes = Array((StoredModel.header + "\n").utf8)
        let history = histories.map { ($0.fold.map { "fold \($0)" } ?? "whole") + "\n" + $0.metrics.text }
        let sections = [
            ("description", description.lines(bestIteration: boosted.bestIteration).joined(separator: "\n")),
            ("figures", figures.map(\.line).joined(separator: "\n")),
        ]
        let all = sections + history.map { ("history", $0) } + [("trees", boosted.text())]
        for (name, text) in all {
            bytes += Array("\(name) \(text.utf8.count)\n".utf8)
            bytes += Array(text.utf8)
            bytes.append(10)
        }
        return bytes
    }

    /// - Throws: class corruption, naming the model, for what is no payload.
    convenience init(name: String, payload: [UInt8]) throws(ZLError) {
        var reader = SectionReader(payload)
        guard reader.line() == StoredModel.header else { throw StoredModel.corrupt(name, "its first line") }
        var description = ModelDescription()
        var bestIteration = 0
        var figures: [ModelFigures] = []
        var histories: [ModelHistory] = []
        var boosted: BoostedModel?
        while let (section, text) = reader.section() {
            switch section {
            case "description":
                for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                    guard description.take(line, bestIteration: &bestIteration) else {
                        throw StoredModel.corrupt(name, "its description")
                    }
                }
            case "figures":
                for line in text.split(separator: "\n") {
                    guard let row = ModelFigures(line: line) else { throw StoredModel.corrupt(name, "its figures") }
                    figures.append(row)
                }
            case "history":
                let parts = text.split(separator: "\n", maxSplits: 1)
                guard parts.count == 2 else { throw StoredModel.corrupt(name, "its history") }
                let fold = parts[0] == "whole" ? nil : Int(parts[0].dropFirst(5))
                histories.append(ModelHistory(fold: fold, metrics: try MetricHistory(parsing: String(parts[1]))))
            case "trees":
                boosted = try BoostedModel(parsing: text)
            default:
                throw StoredModel.corrupt(name, "a section \"\(section)\"")
            }
        }
        guard var boosted, reader.isAtEnd else { throw StoredModel.corrupt(name, "its end") }
        boosted.bestIteration = bestIteration
        boosted.history = histories.last { $0.fold == nil }?.metrics ?? MetricHistory()
        self.init(name: name, boosted: boosted, description: description, figures: figures, histories: histories)
    }

    private static func corrupt(_ name: String, _ place: String) -> ZLError {
        ZLError(.corruption, "corrupt_model", "the stored model \"\(name)\" cannot be read: \(place) is not what it should be")
    }
}

/// Reads lines and sections of known length.
private struct SectionReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func line() -> String? {
        guard position < bytes.count, let end = bytes[position...].firstIndex(of: 10) else { return nil }
        defer { position = end + 1 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    mutating func section() -> (name: String, text: String)? {
        let start = position
        guard let head = line()?.split(separator: " "), head.count == 2, let length = Int(head[1]), length >= 0,
            length < bytes.count - position, bytes[position + length] == 10
        else {
            position = start
            return nil
        }
        defer { position += length + 1 }
        return (String(head[0]), String(decoding: bytes[position..<position + length], as: UTF8.self))
    }
}

extension ModelDescription {
    private static let textFields: [(String, WritableKeyPath<ModelDescription, String> & Sendable)] = [
        ("source", \.source), ("view", \.viewSQL), ("target", \.target), ("order", \.orderBy), ("weight", \.weight),
        ("validation", \.validation), ("first", \.firstRow), ("last", \.lastRow), ("fingerprint", \.fingerprint),
    ]

    fileprivate func lines(bestIteration: Int) -> [String] {
        var lines = ModelDescription.textFields.map { "\($0.0) \(TextEscape.escaped(self[keyPath: $0.1]))" }
        lines += featureTypes.map { "type \($0)" }
        lines.append("rows \(rowCount)")
        lines.append("trained \(trainedAt)")
        lines.append("optimistic \(isOptimistic)")
        lines.append("imported \(isImported)")
        lines.append("best \(bestIteration)")
        return lines
    }

    fileprivate mutating func take(_ line: Substring, bestIteration: inout Int) -> Bool {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        let value = String(parts[1])
        if let field = ModelDescription.textFields.first(where: { $0.0 == parts[0] }) {
            self[keyPath: field.1] = TextEscape.unescaped(value)
            return true
        }
        switch parts[0] {
        case "type": featureTypes.append(value)
        case "rows": rowCount = Int(value) ?? 0
        case "trained": trainedAt = Int64(value) ?? 0
        case "optimistic": isOptimistic = value == "true"
        case "imported": isImported = value == "true"
        case "best": bestIteration = Int(value) ?? 0
        default: return false
        }
        return true
    }
}

extension ModelFigures {
    private static let integers: [WritableKeyPath<ModelFigures, Int> & Sendable] = [
        \.trainRows, \.purgedRows, \.validRows, \.bestIteration,
    ]
    private static let numbers: [WritableKeyPath<ModelFigures, Double?> & Sendable] = [
        \.metric, \.mae, \.rmse, \.r2, \.directionAccuracy, \.zeroMAE, \.zeroDirectionAccuracy, \.meanMAE,
        \.meanDirectionAccuracy,
    ]

    /// Fields between commas; an absent one is empty.
    fileprivate var line: String {
        var fields = [fold.map { "\($0)" } ?? "", metricName]
        fields += ModelFigures.integers.map { "\(self[keyPath: $0])" }
        fields += ModelFigures.numbers.map { self[keyPath: $0].map { "\($0)" } ?? "" }
        return fields.joined(separator: ",")
    }

    fileprivate init?(line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        let integers = ModelFigures.integers
        let numbers = ModelFigures.numbers
        guard fields.count == 2 + integers.count + numbers.count else { return nil }
        self.init(
            fold: Int(fields[0]), trainRows: 0, purgedRows: 0, validRows: 0, bestIteration: 0, metricName: String(fields[1]))
        for (path, field) in zip(integers, fields[2...]) {
            guard let value = Int(field) else { return nil }
            self[keyPath: path] = value
        }
        for (path, field) in zip(numbers, fields[(2 + integers.count)...]) { self[keyPath: path] = Double(field) }
    }
}

/// Text without line ends.
private enum TextEscape {
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                result.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
