extension BoostedModel {
    /// The model in LightGBM's text format, version v4, which LightGBM itself loads. Everything but `bestIteration` and `history`.
    package func text() -> String {
        NumberText.withPointAsSeparator {
            var writer = ModelTextWriter()
            writer.write(self)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }
}

/// Builds the text: header, trees with their sizes in bytes, importances, parameters.
private struct ModelTextWriter {
    var bytes: [UInt8] = []

    mutating func write(_ model: BoostedModel) {
        let blocks: [[UInt8]] = model.trees.enumerated().map { index, tree in
            var block = ModelTextWriter()
            block.writeTree(tree, index)
            return block.bytes
        }
        line("tree")
        line("version=v4")
        line("num_class=1")
        line("num_tree_per_iteration=1")
        line("label_index=0")
        line("max_feature_idx=\(model.featureNames.count - 1)")
        line("objective=\(model.objective.name)")
        line("feature_names=" + model.featureNames.joined(separator: " "))
        writeRanges(model.featureRanges)
        line("tree_sizes=" + blocks.map { "\($0.count)" }.joined(separator: " "))
        line("")
        for block in blocks { bytes += block }
        line("end of trees")
        writeImportances(model)
        line("\nparameters:")
        for setting in model.parameters { line("[\(setting.name): \(setting.value)]") }
        line("\nend of parameters")
        line("\npandas_categorical:null")
    }

    private mutating func line(_ text: String) {
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func writeRanges(_ ranges: [BoostedModel.FeatureRange?]) {
        bytes += "feature_infos=".utf8
        for (index, range) in ranges.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: " ")) }
            guard let range else {
                bytes += "none".utf8
                continue
            }
            bytes.append(UInt8(ascii: "["))
            NumberText.appendExact(range.minimum, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            NumberText.appendExact(range.maximum, to: &bytes)
            bytes.append(UInt8(ascii: "]"))
        }
        line("")
    }

    private mutating func writeTree(_ tree: Tree, _ index: Int) {
        line("Tree=\(index)")
        line("num_leaves=\(tree.leafCount)")
        line("num_cat=0")
        integers("split_feature", tree.splitFeature)
        short("split_gain", tree.splitGain)
        exact("threshold", tree.threshold)
        integers("decision_type", tree.decisionType)
        integers("left_child", tree.leftChild)
        integers("right_child", tree.rightChild)
        exact("leaf_value", tree.leafValue)
        exact("leaf_weight", tree.leafWeight)
        integers("leaf_count", tree.leafCounts)
        short("internal_value", tree.internalValue)
        short("internal_weight", tree.internalWeight)
        integers("internal_count", tree.internalCount)
        line("is_linear=0")
        short("shrinkage", [tree.shrinkage])
        line("")
        line("")
    }

    private mutating func integers<Value: FixedWidthInteger>(_ key: String, _ values: [Value]) {
        line(key + "=" + values.map { "\($0)" }.joined(separator: " "))
    }

    private mutating func exact(_ key: String, _ values: [Double]) {
        bytes += key.utf8
        bytes.append(UInt8(ascii: "="))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: " ")) }
            NumberText.appendExact(value, to: &bytes)
        }
        line("")
    }

    private mutating func short(_ key: String, _ values: [Double]) {
        bytes += key.utf8
        bytes.append(UInt8(ascii: "="))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: " ")) }
            NumberText.appendShort(value, to: &bytes)
        }
        line("")
    }

    /// Features that split, the most frequent first; equal ones keep their order.
    private mutating func writeImportances(_ model: BoostedModel) {
        line("\nfeature_importances:")
        let splits: [Int] = model.importances.map(\.splits)
        let order: [Int] = splits.indices.filter { splits[$0] > 0 }
            .sorted { (-splits[$0], $0) < (-splits[$1], $1) }
        for feature in order { line("\(model.featureNames[feature])=\(splits[feature])") }
    }
}
