// What dlib itself says: its filters, its detections and its time. Built and asked by reference.ts; needs Debian's libdlib-dev and g++.
//
//   reference filters                      the detector's constants and filters, as JSON
//   reference detect THRESHOLD FILE...     the detections of PPM pictures, one JSON line each; THRESHOLD is added to dlib's own
//   reference time SECONDS FILE...         milliseconds of processor time of each run over PPM pictures, one JSON line each, one thread

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <dlib/array2d.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/revision.h>

using Picture = dlib::array2d<dlib::rgb_pixel>;

// A binary PPM as reference.ts writes it: three header lines without comments, 8 bits a channel.
static void readPicture(const std::string& path, Picture& picture)
{
    std::ifstream file(path, std::ios::binary);
    std::string magic;
    long width = 0, height = 0, most = 0;
    file >> magic >> width >> height >> most;
    file.get();
    if (!file || magic != "P6" || most != 255) throw std::runtime_error("no PPM picture: " + path);
    picture.set_size(height, width);
    file.read(reinterpret_cast<char*>(&picture[0][0]), width * height * 3);
    if (!file) throw std::runtime_error("the picture ends early: " + path);
}

static void printFilters(const dlib::frontal_face_detector& detector)
{
    const auto& scanner = detector.get_scanner();
    const auto& overlap = detector.get_overlap_tester();
    std::printf("{\"dlib\":\"%d.%d.%d\",", DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION, DLIB_PATCH_VERSION);
    std::printf("\"cellSize\":%ld,\"padding\":%ld,", long(scanner.get_cell_size()), long(scanner.get_padding()));
    std::printf("\"window\":{\"width\":%ld,\"height\":%ld},", long(scanner.get_detection_window_width()), long(scanner.get_detection_window_height()));
    std::printf("\"filter\":{\"columns\":%ld,\"rows\":%ld},", long(scanner.get_fhog_window_width()), long(scanner.get_fhog_window_height()));
    std::printf("\"leastLayer\":{\"width\":%ld,\"height\":%ld},", long(scanner.get_min_pyramid_layer_width()), long(scanner.get_min_pyramid_layer_height()));
    std::printf("\"mostLevels\":%ld,", long(scanner.get_max_pyramid_levels()));
    std::printf("\"overlap\":%.17g,\"covered\":%.17g,\"filters\":[", overlap.get_iou_thresh(), overlap.get_percent_covered_thresh());
    for (unsigned long i = 0; i < detector.num_detectors(); ++i)
    {
        const auto& weights = detector.get_w(i);
        std::printf("%s{\"separable\":%lu,\"threshold\":%.17g,\"weights\":[", i ? "," : "", dlib::num_separable_filters(detector, i),
                    weights(weights.size() - 1));
        for (long at = 0; at + 1 < weights.size(); ++at) std::printf("%s%.17g", at ? "," : "", weights(at));
        std::printf("]}");
    }
    std::printf("]}\n");
}

static void printDetections(dlib::frontal_face_detector& detector, const std::string& path, double threshold)
{
    Picture picture;
    readPicture(path, picture);
    std::vector<dlib::rect_detection> found;
    detector(picture, found, threshold);
    std::printf("[");
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        const auto& [score, filter, box] = found[i];
        std::printf("%s{\"left\":%ld,\"top\":%ld,\"right\":%ld,\"bottom\":%ld,\"score\":%.9g,\"filter\":%lu}", i ? "," : "", box.left(), box.top(),
                    box.right(), box.bottom(), score, filter);
    }
    std::printf("]\n");
}

static void printTimes(dlib::frontal_face_detector& detector, const std::string& path, double seconds)
{
    Picture picture;
    readPicture(path, picture);
    std::vector<dlib::rect_detection> found;
    detector(picture, found);
    const auto end = std::clock() + std::clock_t(seconds * CLOCKS_PER_SEC);
    std::printf("[");
    bool isFirst = true;
    do
    {
        const auto start = std::clock();
        detector(picture, found);
        std::printf("%s%.3f", isFirst ? "" : ",", double(std::clock() - start) * 1000 / CLOCKS_PER_SEC);
        isFirst = false;
    } while (std::clock() < end);
    std::printf("]\n");
}

int main(int count, char** words)
{
    const std::string command = count > 1 ? words[1] : "";
    auto detector = dlib::get_frontal_face_detector();
    if (command == "filters") printFilters(detector);
    for (int i = 3; i < count; ++i)
    {
        if (command == "detect") printDetections(detector, words[i], std::atof(words[2]));
        if (command == "time") printTimes(detector, words[i], std::atof(words[2]));
    }
    return 0;
}
