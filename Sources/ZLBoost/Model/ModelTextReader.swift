import Glibc
import ZLColumnar

extension BoostedModel {
    /// Reads LightGBM's text format: what `text()` writes, and LightGBM's own regression models without categorical splits.
    ///
    /// Keys may come in any order and unknown ones are passed over, as LightGBM does; line ends may be CRLF. O(length).
    ///
    /// - Throws: one error that names the line if anything is missing, malformed, inconsistent or of a kind that does not exist here
    ///   yet. Every tree that is read is a tree: each node and leaf is reached exactly once, from a node with a smaller number.
    package init(parsing text: String) throws(ZLError) {
        var bytes: [UInt8] = Array(text.utf8)
        bytes.append(0)
        let result: Result<BoostedModel, ZLError> = NumberText.withPointAsSeparator {
            bytes.withUnsafeBufferPointer { buffer in
                do throws(ZLError) {
                    var reader = ModelTextReader(LineCursor(buffer))
                    return .success(try reader.read())
                } catch {
                    return .failure(error)
                }
            }
        }
        self = try result.get()
    }
}

/// Reads a model from a cursor over its lines.
private struct ModelTextReader {
    private var cursor: LineCursor

    init(_ cursor: LineCursor) { self.cursor = cursor }

    /// The value of a key and where it stands.
    private typealias Field = (value: TextSlice, line: Int)

    mutating func read() throws(ZLError) -> BoostedModel {
        guard let first = cursor.next(), first.string == "tree" else {
            throw ModelTextError.at(1, "expected \"tree\", the first line of a model in LightGBM's text format")
        }
        let header: [String: Field] = try fields(until: "Tree=", "end of trees")
        try checkHeader(header)
        let names: [String] = try required("feature_names", header).value.words().map(\.string)
        let highest: Field = try required("max_feature_idx", header)
        guard highest.value.integer() == names.count - 1 else {
            throw ModelTextError.at(
                highest.line, "max_feature_idx is \(highest.value.excerpt), expected \(names.count - 1) for \(names.count) feature names")
        }
        let ranges: [BoostedModel.FeatureRange?] = try featureRanges(header, names)
        let objective: ObjectiveKind = try self.objective(header)
        let trees: [Tree] = try self.trees(featureCount: names.count)
        return BoostedModel(
            featureNames: names, featureRanges: ranges, objective: objective, parameters: parameters(), trees: trees)
    }

    /// Lines of `key=value` up to one that begins with either end, which is left for the next read.
    private mutating func fields(until end: String, _ otherEnd: String) throws(ZLError) -> [String: Field] {
        var fields: [String: Field] = [:]
        while let line = cursor.peek() {
            if line.hasPrefix(end) || line.hasPrefix(otherEnd) { return fields }
            cursor.advance()
            if line.isEmpty { continue }
            guard let (key, value) = line.keyAndValue() else {
                if line.string == "average_output" { throw .notYet("a random forest (average_output)") }
                throw ModelTextError.at(cursor.number, "expected key=value, found \(line.excerpt)")
            }
            guard fields[key] == nil else { throw ModelTextError.at(cursor.number, "key \(key) comes twice") }
            fields[key] = (value, cursor.number)
        }
        throw ModelTextError.at(cursor.number, "the text ends before \"end of trees\"")
    }

    private func required(_ key: String, _ fields: [String: Field]) throws(ZLError) -> Field {
        guard let field = fields[key] else {
            throw ModelTextError.at(cursor.number, "key \(key) is missing before this line")
        }
        return field
    }

    private func checkHeader(_ header: [String: Field]) throws(ZLError) {
        for key in ["num_class", "num_tree_per_iteration"] {
            guard let field = header[key] else { continue }
            guard let count = field.value.integer(), count > 0 else {
                throw ModelTextError.at(field.line, "\(key) is \(field.value.excerpt), expected 1")
            }
            guard count == 1 else { throw .notYet("a model with \(key) = \(count)") }
        }
        if let version = header["version"], !["v2", "v3", "v4"].contains(version.value.string) {
            throw ModelTextError.at(version.line, "version is \(version.value.excerpt), expected v4")
        }
    }

    private func objective(_ header: [String: Field]) throws(ZLError) -> ObjectiveKind {
        let field: Field = try required("objective", header)
        guard let kind = ObjectiveKind(rawValue: field.value.string) else {
            throw .notYet("a model of objective \(field.value.excerpt)")
        }
        return kind
    }

    private func featureRanges(
        _ header: [String: Field], _ names: [String]
    ) throws(ZLError) -> [BoostedModel.FeatureRange?] {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw ModelTextError.at(try required("feature_names", header).line, "feature \(name) comes twice")
        }
        let field: Field = try required("feature_infos", header)
        let words: [TextSlice] = field.value.words()
        guard words.count == names.count, !names.isEmpty else {
            throw ModelTextError.at(
                field.line, "feature_infos has \(words.count) items, expected one for each of \(names.count) features")
        }
        var ranges: [BoostedModel.FeatureRange?] = []
        ranges.reserveCapacity(words.count)
        for (word, name) in zip(words, names) {
            if word.string == "none" {
                ranges.append(nil)
            } else if let (minimum, maximum) = word.range() {
                ranges.append(BoostedModel.FeatureRange(minimum: minimum, maximum: maximum))
            } else if word.isCategoryList {
                throw .notYet("a model with a categorical feature (\(name))")
            } else {
                throw ModelTextError.at(field.line, "feature_infos of \(name) is \(word.excerpt), expected [min:max]")
            }
        }
        return ranges
    }

    private mutating func trees(featureCount: Int) throws(ZLError) -> [Tree] {
        var trees: [Tree] = []
        while let line = cursor.next() {
            if line.string == "end of trees" { return trees }
            guard let (key, value) = line.keyAndValue(), key == "Tree", value.integer() == trees.count else {
                throw ModelTextError.at(cursor.number, "found \(line.excerpt), expected Tree=\(trees.count)")
            }
            let start: Int = cursor.number
            let block: [String: Field] = try fields(until: "Tree=", "end of trees")
            trees.append(try TreeText(block, start, featureCount).tree())
        }
        throw ModelTextError.at(cursor.number, "the text ends before \"end of trees\"")
    }

    /// Lines of `[name: value]` between "parameters:" and "end of parameters"; others are passed over.
    private mutating func parameters() -> [ParameterSetting] {
        var settings: [ParameterSetting] = []
        var isInside = false
        while let line = cursor.next() {
            if line.string == "parameters:" { isInside = true }
            if line.string == "end of parameters" { break }
            guard isInside, let setting = line.parameterSetting() else { continue }
            settings.append(setting)
        }
        return settings
    }
}

/// The keys of one tree's block.
private struct TreeText {
    private let fields: [String: (value: TextSlice, line: Int)]
    private let start: Int
    private let featureCount: Int

    init(_ fields: [String: (value: TextSlice, line: Int)], _ start: Int, _ featureCount: Int) {
        self.fields = fields
        self.start = start
        self.featureCount = featureCount
    }

    func tree() throws(ZLError) -> Tree {
        let leaves: Int = try integer("num_leaves", atLeast: 1)
        let categorical: Int = try integer("num_cat", atLeast: 0)
        if categorical > 0 { throw .notYet("a model with categorical splits") }
        if let linear = fields["is_linear"], linear.value.integer() != 0 { throw .notYet("a model with linear trees") }
        var tree = Tree()
        tree.leafValue = try doubles("leaf_value", leaves, isRequired: true)
        // A constant tree may leave its weight and count out.
        tree.leafWeight = try doubles("leaf_weight", leaves, mayBeEmpty: leaves == 1)
        tree.leafCounts = try integers("leaf_count", leaves, mayBeEmpty: leaves == 1)
        if let shrinkage = fields["shrinkage"] {
            guard let value = shrinkage.value.double() else {
                throw ModelTextError.at(shrinkage.line, "shrinkage is \(shrinkage.value.excerpt), expected a number")
            }
            tree.shrinkage = value
        }
        guard leaves > 1 else { return tree }
        let nodes: Int = leaves - 1
        tree.splitFeature = try indices("split_feature", nodes, 0..<featureCount)
        tree.threshold = try doubles("threshold", nodes, isRequired: true)
        tree.leftChild = try indices("left_child", nodes, -leaves..<nodes)
        tree.rightChild = try indices("right_child", nodes, -leaves..<nodes)
        tree.splitGain = try doubles("split_gain", nodes)
        tree.internalValue = try doubles("internal_value", nodes)
        tree.internalWeight = try doubles("internal_weight", nodes)
        tree.internalCount = try integers("internal_count", nodes)
        try checkThresholds(tree)
        try checkShape(tree)
        tree.decisionType = try decisionTypes(nodes)
        return tree
    }

    private func integer(_ key: String, atLeast minimum: Int) throws(ZLError) -> Int {
        guard let field = fields[key] else { throw ModelTextError.at(start, "this tree has no \(key)") }
        guard let value = field.value.integer(), value >= minimum else {
            throw ModelTextError.at(
                field.line, "\(key) is \(field.value.excerpt), expected an integer >= \(minimum)")
        }
        return value
    }

    /// The words of an array, nil where the key may be and is left out.
    private func words(
        _ key: String, _ count: Int, isRequired: Bool, mayBeEmpty: Bool
    ) throws(ZLError) -> (words: [TextSlice], line: Int)? {
        guard let field = fields[key] else {
            if isRequired { throw ModelTextError.at(start, "this tree has no \(key)") }
            return nil
        }
        let words: [TextSlice] = field.value.words()
        if mayBeEmpty && words.isEmpty { return (words, field.line) }
        guard words.count == count else {
            throw ModelTextError.at(field.line, "\(key) has \(words.count) items, expected \(count)")
        }
        return (words, field.line)
    }

    private func doubles(
        _ key: String, _ count: Int, isRequired: Bool = false, mayBeEmpty: Bool = false
    ) throws(ZLError) -> [Double] {
        guard let (words, line) = try words(key, count, isRequired: isRequired, mayBeEmpty: mayBeEmpty) else {
            return mayBeEmpty ? [] : Array(repeating: 0, count: count)
        }
        var values: [Double] = []
        values.reserveCapacity(count)
        for word in words {
            guard let value = word.double() else {
                throw ModelTextError.at(line, "\(key) has the item \(word.excerpt), expected a number")
            }
            values.append(value)
        }
        return values
    }

    private func integers(_ key: String, _ count: Int, mayBeEmpty: Bool = false) throws(ZLError) -> [Int] {
        guard let (words, line) = try words(key, count, isRequired: false, mayBeEmpty: mayBeEmpty) else {
            return mayBeEmpty ? [] : Array(repeating: 0, count: count)
        }
        var values: [Int] = []
        values.reserveCapacity(count)
        for word in words {
            guard let value = word.integer(), value >= 0 else {
                throw ModelTextError.at(line, "\(key) has the item \(word.excerpt), expected an integer >= 0")
            }
            values.append(value)
        }
        return values
    }

    private func indices(_ key: String, _ count: Int, _ range: Range<Int>) throws(ZLError) -> [Int32] {
        guard let (words, line) = try words(key, count, isRequired: true, mayBeEmpty: false) else { return [] }
        var values: [Int32] = []
        values.reserveCapacity(count)
        for word in words {
            guard let value = word.integer(), range.contains(value), let index = Int32(exactly: value) else {
                throw ModelTextError.at(
                    line, "\(key) has the item \(word.excerpt), expected an integer from \(range.lowerBound) to \(range.upperBound - 1)")
            }
            values.append(index)
        }
        return values
    }

    private func checkThresholds(_ tree: Tree) throws(ZLError) {
        for (node, threshold) in tree.threshold.enumerated() where threshold.isNaN {
            throw ModelTextError.at(fields["threshold"]?.line ?? start, "the threshold of node \(node) is nan, expected a number")
        }
    }

    /// Every node but the root and every leaf has exactly one parent, which has a smaller number: no cycle, nothing unreachable.
    private func checkShape(_ tree: Tree) throws(ZLError) {
        var nodeIsReached: [Bool] = Array(repeating: false, count: tree.leafCount - 1)
        var leafIsReached: [Bool] = Array(repeating: false, count: tree.leafCount)
        for (key, children) in [("left_child", tree.leftChild), ("right_child", tree.rightChild)] {
            for (node, child) in children.enumerated() {
                let index: Int = child >= 0 ? Int(child) : Int(~child)
                let isReached: Bool = child >= 0 ? nodeIsReached[index] : leafIsReached[index]
                guard !isReached, child < 0 || index > node else {
                    throw ModelTextError.at(
                        fields[key]?.line ?? start,
                        "child \(child) of node \(node) \(isReached ? "has another parent" : "does not come after it"), so this is no tree")
                }
                if child >= 0 { nodeIsReached[index] = true } else { leafIsReached[index] = true }
            }
        }
    }

    private func decisionTypes(_ count: Int) throws(ZLError) -> [UInt8] {
        guard let field = fields["decision_type"] else { return Array(repeating: 0, count: count) }
        let values: [Int] = try integers("decision_type", count)
        var types: [UInt8] = []
        types.reserveCapacity(count)
        for value in values {
            guard let type = UInt8(exactly: value), type >> 2 <= MissingType.nan.rawValue else {
                throw ModelTextError.at(field.line, "decision_type has the item \(value), expected 0, 2, 4, 6, 8 or 10")
            }
            if type & 1 == 1 { throw .notYet("a model with categorical splits") }
            types.append(type)
        }
        return types
    }
}

private enum ModelTextError {
    static func at(_ line: Int, _ message: String) -> ZLError {
        ZLError(.io, "model_text", "model text, line \(line): \(message)")
    }
}
